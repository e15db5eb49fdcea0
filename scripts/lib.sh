# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: where the repository is, how to fail, and which JDK to use.

script=$(basename -- "$0")
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

jvm_flags=(--enable-native-access=ALL-UNNAMED --add-exports java.base/jdk.internal.misc=ALL-UNNAMED)

fail() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# Prints the comment block that opens a script, less its shebang.
usage() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    printf '%s: neither root nor sudo, cannot run: %s\n' "$script" "$*" >&2
    return 1
  fi
}

# The feature number of the JDK in the directory $1, nothing if there is none.
jdk_version() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

jdk_is_new_enough() {
  local version
  version=$(jdk_version "$1")
  [ "${version:-0}" -ge 25 ]
}

# The directories that may hold a JDK, best first.
jdk_candidates() {
  local java home
  if [ -n "${JAVA_HOME:-}" ]; then printf '%s\n' "$JAVA_HOME"; fi
  if java=$(command -v java); then
    java=$(readlink -f "$java" 2>/dev/null || printf '%s' "$java")
    printf '%s\n' "${java%/bin/java}"
  fi
  for home in /usr/lib/jvm/* /opt/* "$HOME"/.sdkman/candidates/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    printf '%s\n' "$home"
  done
}

# Exports the JAVA_HOME of a JDK 25 or newer and puts it first on the PATH; fails quietly if there is none.
find_jdk() {
  local home
  while IFS= read -r home; do
    if jdk_is_new_enough "$home"; then
      export JAVA_HOME=$home PATH=$home/bin:$PATH
      return 0
    fi
  done < <(jdk_candidates)
  return 1
}

need_jdk() {
  local quiet=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
  find_jdk || fail 'no JDK 25 or newer was found; install one, set JAVA_HOME to it, or run scripts/setup'
  # Maven's own libraries provoke warnings of the JDK that no user of this repository can do anything about.
  if "$JAVA_HOME/bin/java" "${quiet[@]}" -version >/dev/null 2>&1; then
    export MAVEN_OPTS="${MAVEN_OPTS:-} ${quiet[*]}"
  fi
}

# Quiet but for warnings and errors.
maven() {
  mvn -B -ntp -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -f "$root/pom.xml" "$@"
}

# Leaves target/benchmarks.jar: library, tests and benchmarks with all that they need. With the profile compare
# target/comparison.jar, which has the clients that emcache is compared with, too.
build_benchmarks() {
  maven -P"bench${1:+,$1}" -DskipTests -Dspotless.check.skip -Dmaven.javadoc.skip -Dmaven.source.skip package
}

# Leaves target/yardstick, the C program that the client is measured against.
build_yardstick() {
  mkdir -p "$root/target"
  "${CC:-cc}" -O2 -o "$root/target/yardstick" "$root/native/yardstick/yardstick.c"
}

# Starts one memcached with the given arguments, leaves its address in $server, and stops it when the script ends.
start_server() {
  start_servers 1 "$@"
}

# Starts $1 of them with the other arguments; their addresses are in $server, separated by commas.
start_servers() {
  local count=$1
  shift
  server=$("$root/scripts/memcached" start -n "$count" -- "$@" | paste -s -d , -)
  trap '"$root/scripts/memcached" stop ${server//,/ }' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}
