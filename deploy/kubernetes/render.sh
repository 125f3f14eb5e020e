#!/bin/sh
# render.sh: handover.yaml and handover-alert.yaml anew, from the chart, for who has no Helm. Each begins with the digest of what it was made
# from, by which tests/package/test_deploy.py sees that it still is. Needs helm.
set -eu
cd "$(dirname "$0")/../.."
chart=deploy/helm/handover

digest=$(find "$chart" -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d ' ' -f 1)
# manifests NAME WHAT OPTION…: NAME.yaml, which says of itself WHAT.
manifests() {
  name=$1 what=$2
  shift 2
  {
    echo "# $name.yaml: $what, made by render.sh. Yours to edit: the settings, the image, sizes."
    echo "# Then: kubectl -n NAMESPACE apply -f $name.yaml"
    echo "# sha256 of the chart: $digest"
    helm template handover "$chart" --kube-version 1.31.0 "$@" |
      sed -e '/^# Source: /d' -e '/app.kubernetes.io\/managed-by: Helm/d' -e '/helm.sh\/chart: /d' -e 's/[[:space:]]*$//'
  } >"deploy/kubernetes/$name.yaml"
}
manifests handover "the chart with its own values"
manifests handover-alert "the chart's alert, with its own values" --set alert.enabled=true --show-only templates/alert.yaml
