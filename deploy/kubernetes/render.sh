#!/bin/sh
# render.sh: handover.yaml anew, from the chart, for who has no Helm. It begins with the digest of what it was made from, by which
# tests/package/test_deploy.py sees that it still is. Needs helm.
set -eu
cd "$(dirname "$0")/../.."
chart=deploy/helm/handover

digest=$(find "$chart" -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d ' ' -f 1)
{
  echo "# handover.yaml: the chart with its own values, made by render.sh. Yours to edit: the settings (bootstrap, inputs, trust), the image, sizes."
  echo "# Then: kubectl -n NAMESPACE apply -f handover.yaml"
  echo "# sha256 of the chart: $digest"
  helm template handover "$chart" --kube-version 1.31.0 |
    sed -e '/^# Source: /d' -e '/app.kubernetes.io\/managed-by: Helm/d' -e '/helm.sh\/chart: /d' -e 's/[[:space:]]*$//'
} >deploy/kubernetes/handover.yaml
