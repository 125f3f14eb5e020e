{{- define "handover.labels" -}}
app.kubernetes.io/name: handover
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "handover.selector" -}}
app.kubernetes.io/name: handover
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "handover.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* The settings of the daemon: what the chart has to say first, then the user's, then what only the chart can know. */ -}}
{{- define "handover.settings" -}}
{{- $folders := list -}}
{{- if .Values.definitions }}{{ $folders = list "/etc/handover/definitions" }}{{ end -}}
{{- $before := dict "state_dir" "/var/lib/handover" "definitions" $folders -}}
{{- $after := dict "http" "0.0.0.0:9464" "http_public" true "draft" .Values.draft -}}
{{- mergeOverwrite $before (deepCopy .Values.settings) $after | toPrettyJson -}}
{{- end }}

{{- define "handover.alertSettings" -}}
{{- mergeOverwrite (deepCopy .Values.alert.settings) (dict "alert_http" "0.0.0.0:9465" "http_public" true) | toPrettyJson -}}
{{- end }}

{{- define "handover.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "handover.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
