{{- define "auditweir.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "auditweir.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "auditweir.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "auditweir.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Of a list: root, component. */}}
{{- define "auditweir.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "auditweir.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "auditweir.labels" -}}
{{- $root := index . 0 -}}
{{ include "auditweir.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* Of a list: root, image. The tag is the chart's unless one is said; a digest goes before it. */}}
{{- define "auditweir.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default $root.Chart.AppVersion }}
{{- end }}
{{- end }}

{{- /* A container that can do nothing but its work. */}}
{{- define "auditweir.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}

{{- define "auditweir.podMetadata" -}}
{{- $root := index . 0 -}}
labels:
  {{- include "auditweir.selector" . | nindent 2 }}
  {{- with $root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  # A new policy or configuration starts new pods.
  checksum/policy: {{ toYaml $root.Values.policy | sha256sum }}
  checksum/values: {{ toYaml (index $root.Values (index . 2)) | sha256sum }}
  {{- with $root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- /* What pods on control-plane nodes share. */}}
{{- define "auditweir.controlPlane" -}}
priorityClassName: system-node-critical
nodeSelector:
  kubernetes.io/os: linux
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        # The label's value is empty with kubeadm and `true` with RKE2 and k3s.
        - matchExpressions:
            - key: node-role.kubernetes.io/control-plane
              operator: Exists
tolerations:
  - key: node-role.kubernetes.io/control-plane
    operator: Exists
  # RKE2 and k3s taint servers like this.
  - key: node-role.kubernetes.io/etcd
    operator: Exists
  - key: CriticalAddonsOnly
    operator: Exists
{{- end }}

{{- /* Of a list: root, values of the way in. */}}
{{- define "auditweir.module" -}}
{{- $root := index . 0 -}}
- name: module
  image: {{ include "auditweir.image" (list $root (index . 1).module) }}
  imagePullPolicy: {{ (index . 1).module.pullPolicy }}
  command: ["/usr/bin/auditweir", "plugins", "--to", "/module"]
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    {{- include "auditweir.confined" $root | nindent 4 }}
  resources:
    requests: { cpu: 10m, memory: 16Mi }
    limits: { memory: 32Mi }
  volumeMounts:
    - name: module
      mountPath: /module
{{- end }}
