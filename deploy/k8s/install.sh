#!/usr/bin/env bash
# kustomize, built by Go into MEDPULSE_CACHE/bin (default ~/.cache/medpulse/bin), where tests/deploy finds it.
set -euo pipefail

version=v5.7.1
bin=${MEDPULSE_CACHE:-$HOME/.cache/medpulse}/bin

if command -v kustomize >/dev/null || [[ -x $bin/kustomize ]]; then
  exit 0
fi
command -v go >/dev/null || {
  echo "deploy/k8s/install.sh: Go is not installed (apt-get install golang), or install kustomize $version yourself" >&2
  exit 1
}
mkdir -p "$bin"
GOBIN=$bin go install "sigs.k8s.io/kustomize/kustomize/v5@$version"
