#!/usr/bin/env bash
# Apache Kafka without containers: its jars by Maven into a cache outside the tree, one node in the foreground.
#
#   run.sh version                              the version that pom.xml names
#   run.sh install                              fetch the jars if they are not there; prints their folder
#   run.sh run DATA PORT [CONTROLLER_PORT]      format DATA if it is new, then become the broker (127.0.0.1 only)
#
# KAFKA_EXTRA names a file of further properties (TLS listeners, for instance), which win over those of the template;
# KAFKA_SCRAM adds a user when DATA is formatted: SCRAM-SHA-512=[name=medpulse,password=…].
#
# KAFKA_LISTENERS ("NAME:PORT:ADVERTISED_PORT …") adds listeners whose clients are told to come to another port: a proxy's.
# Needs Java 17 or later, and Maven for the first install. MEDPULSE_CACHE (default ~/.cache/medpulse) is where jars go,
# KAFKA_HEAP (default 512m) the JVM's heap.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${MEDPULSE_CACHE:-$HOME/.cache/medpulse}

fail() {
  echo "deploy/kafka/run.sh: $*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is not installed ($2)"
}

version() {
  sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/pom.xml"
}

install_jars() {
  local jars log
  jars="$cache/kafka-$(version)"
  if [[ ! -d $jars ]]; then
    need mvn "apt-get install maven"
    need flock "apt-get install util-linux"
    mkdir -p "$cache"
    log="$cache/kafka-install.log"
    exec 9>"$cache/kafka-install.lock"
    flock 9 # two test runs at once: one fetches, the other waits
    if [[ ! -d $jars ]]; then
      rm -rf "$jars.part"
      mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$jars.part" >"$log" 2>&1 || fail "Maven could not fetch the jars, see $log"
      mv "$jars.part" "$jars"
    fi
    exec 9>&-
  fi
  echo "$jars"
}

run() {
  local data=$1 port=$2 controller=${3:-$(($2 + 1))} jars properties
  need java "apt-get install openjdk-17-jre-headless"
  jars=$(install_jars)
  mkdir -p "$data"
  properties="$data/../$(basename "$data").properties"
  sed -e "s:@PORT@:$port:g" -e "s:@CONTROLLER_PORT@:$controller:g" -e "s:@DATA@:$data:g" \
    "$here/server.properties.template" >"$properties"
  # Java takes the last of two lines with one name.
  [[ -z ${KAFKA_EXTRA:-} ]] || cat "$KAFKA_EXTRA" >>"$properties"
  more_listeners "$port" "$controller" >>"$properties"
  if [[ ! -f $data/meta.properties ]]; then
    java -Xmx128m -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" kafka.tools.StorageTool format --standalone \
      --cluster-id "$(cluster_id)" --config "$properties" ${KAFKA_SCRAM:+--add-scram "$KAFKA_SCRAM"}
  fi
  exec java "-Xmx${KAFKA_HEAP:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$jars/*" kafka.Kafka "$properties"
}

# Overrides the listeners of the template, whose last value counts.
more_listeners() {
  [[ -n ${KAFKA_LISTENERS:-} ]] || return 0
  local one name port told
  local here="PLAINTEXT://127.0.0.1:$1" listeners advertised protocols
  listeners="$here,CONTROLLER://127.0.0.1:$2" advertised=$here protocols="PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
  for one in $KAFKA_LISTENERS; do
    IFS=: read -r name port told <<<"$one"
    listeners+=",$name://127.0.0.1:$port" advertised+=",$name://127.0.0.1:$told" protocols+=",$name:PLAINTEXT"
  done
  printf '%s\n' "listeners=$listeners" "advertised.listeners=$advertised" "listener.security.protocol.map=$protocols"
}

# A Kafka cluster id is 16 random bytes in URL-safe base64 without padding.
cluster_id() {
  head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='
}

case "${1:-}" in
  version) version ;;
  install) install_jars ;;
  run) [[ $# -ge 3 ]] || fail "usage: run.sh run DATA PORT [CONTROLLER_PORT]"; run "${@:2}" ;;
  *) fail "usage: run.sh version | install | run DATA PORT [CONTROLLER_PORT]" ;;
esac
