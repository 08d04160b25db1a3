#!/bin/bash
# Installs actorsctl from this checkout: program, units and their users, manual, completions, an example configuration.
#
#   scripts/install.sh [install] [--enable]     builds what is missing and installs it; --enable also starts the registry,
#                                               now and with the machine
#   scripts/install.sh manager NAME [--registry ENDPOINT] [--user USER] [--memory-max SIZE] [--enable] [-- COMMAND [ARG]...]
#                                               what manager@NAME.service runs; where it is written already, it is left as it is
#   scripts/install.sh status                   what is installed, what runs; 1 where a file is not as it was installed,
#                                               3 where nothing is installed
#   scripts/install.sh uninstall [--keep-state | --yes]
#                                               removes it all; asks before it stops managers, and before it removes state and
#                                               configuration
#
# Each takes --prefix DIR (/usr/local; systemd looks there and in /usr). With DESTDIR set, files are placed below it and nothing
# else is done. Needs root or sudo where DESTDIR is not set. Run twice it changes nothing the second time, and says so. What
# runs is restarted only where it has changed. BUILD_DIR names a finished build to take.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
self=$top/scripts/install.sh

destdir=${DESTDIR:-}
prefix=/usr/local
enable=''
answer=''
work='' # what is to be installed is in $work/root, and lists of it beside that
stage=''
services=(global-registry.service actors-supervise.service)
config=/etc/actors
states=(/var/lib/actors /var/lib/actors-supervise /var/lib/actors-managers /var/lib/private/actors-managers)

say() { echo "install: $*"; }

die() {
  echo "install: $*" >&2
  exit 1
}

usage() {
  [ $# = 0 ] || echo "install: $*" >&2
  sed -n '3,16s/^#$//p; 3,16s/^# \{0,3\}//p' "$self" >&2
  exit 2
}

live() { [ -z "$destdir" ]; }

# systemd runs here, and it is its files that we write.
has_systemd() { live && [ -d /run/systemd/system ]; }

# Runs this script again as root where it is not; returns where it is.
become_root() {
  if ! live || [ "$(id -u)" = 0 ]; then return 0; fi
  command -v sudo >/dev/null || die "run as root, or install sudo"
  local status=0
  sudo -- "$self" "$@" || status=$?
  exit "$status"
}

# One at a time in one place.
alone() {
  mkdir -p "$destdir$prefix"
  exec 9<"$destdir$prefix"
  flock 9
}

# The files of the last installation, without DESTDIR.
installed_files() { if [ -e "$manifest" ]; then sed 's/^[0-9a-f]*  //' "$manifest"; fi; }

known_to_systemd() { systemctl list-unit-files --no-legend --no-pager "$@" 2>/dev/null; }

active() { systemctl --quiet is-active "$1" 2>/dev/null; }

# The instances of manager@ that run or are to.
managers() {
  {
    systemctl list-units --all --plain --no-legend --no-pager 'manager@*.service'
    known_to_systemd 'manager@*.service'
  } 2>/dev/null | awk '$1 != "manager@.service" { print $1 }' | sort -u
}

# --- install

option_of_build() {
  /usr/bin/python3 -c 'import json, sys
options = json.load(open(sys.argv[1] + "/meson-info/intro-buildoptions.json"))
print(next(one["value"] for one in options if one["name"] == sys.argv[2]))' "$1" "$2"
}

# What ninja has to make for an installation; in a build with tests that is the smaller part.
runtime_targets() {
  /usr/bin/python3 -c 'import json, os, sys
build = os.path.realpath(sys.argv[1])
targets = json.load(open(build + "/meson-info/intro-install_plan.json")).get("targets", {})
print(*(os.path.relpath(file, build) for file, how in targets.items() if how["tag"] == "runtime"))' "$1"
}

# Builds where something is missing or older than its sources, and puts what is to be installed into $stage.
build_and_stage() {
  local build=${BUILD_DIR:-build}
  cd "$top"
  if [ -e "$build/build.ninja" ] && [ "$(option_of_build "$build" prefix)" = "$prefix" ]; then
    BUILD_DIR=$build BUILD_TARGETS=$(runtime_targets "$build") scripts/build >&2
  else
    [ -z "${BUILD_DIR:-}" ] || die "$BUILD_DIR is no build for --prefix $prefix"
    build="build-install"
    if [ -e "$build/build.ninja" ]; then meson configure "$build" "-Dprefix=$prefix" >&2; fi
    say "building, which takes some minutes the first time" >&2
    BUILD_DIR=$build scripts/build -Dtests=false "-Dprefix=$prefix" >&2
  fi
  meson install -C "$build" --no-rebuild --quiet --strip --tags runtime --destdir "$stage" >&2
}

# Puts what differs into place, each file at once, and removes what an earlier version had. Prints a line for each.
place() {
  local file mode kind
  while read -r file; do
    if cmp -s "$stage$file" "$destdir$file"; then continue; fi
    kind=changed
    [ -e "$destdir$file" ] || kind=new
    mode=644
    [ ! -x "$stage$file" ] || mode=755
    install -D -m "$mode" "$stage$file" "$destdir$file.new~"
    mv -fT "$destdir$file.new~" "$destdir$file"
    printf '%-8s %s\n' "$kind" "$destdir$file"
  done <"$work/files"
  while read -r file; do
    [ -e "$destdir$file" ] || continue
    rm -f "$destdir$file"
    printf '%-8s %s\n' removed "$destdir$file"
  done < <(installed_files | grep -vxFf "$work/files" || true)
}

write_manifest() {
  install -d "$(dirname "$manifest")"
  (cd "$stage" && sed 's|^/||' "$work/files" | xargs -d '\n' sha256sum) | sed 's|  |  /|' >"$work/sums"
  cmp -s "$work/sums" "$manifest" || install -m 644 "$work/sums" "$manifest"
}

# What systemd has to be told of new files. Prints what it did.
take_up() {
  local placed=$1 unit
  if has_systemd && grep -q '/systemd/system/' <<<"$placed"; then systemctl daemon-reload; fi
  for unit in "${services[@]}"; do
    if active "$unit" && grep -qE "/bin/actorsctl$|/$unit$" <<<"$placed"; then
      systemctl restart "$unit"
      echo "restarted $unit"
    fi
  done
}

# Who the services run as. Prints whom it made.
make_users() {
  local user
  local -a made=()
  for user in actors-registry actors-supervise; do
    getent passwd "$user" >/dev/null || made+=("$user")
  done
  [ ${#made[@]} -gt 0 ] || return 0
  systemd-sysusers "$prefix/lib/sysusers.d/actors.conf"
  printf 'user     %s\n' "${made[@]}"
}

enable_registry() {
  if systemctl --quiet is-enabled "${services[0]}" && active "${services[0]}"; then return 0; fi
  systemctl --quiet enable --now "${services[0]}"
  echo "enabled  ${services[0]}"
}

what_next() {
  if ! live; then return 0; fi
  case $prefix in /usr | /usr/local) ;; *) say "systemd does not look for units in $prefix/lib/systemd/system" ;; esac
  if ! has_systemd || systemctl --quiet is-enabled "${services[0]}" 2>/dev/null; then return 0; fi
  [ -e "$config/registry.json" ] ||
    say "configuration: $config/registry.json; an example: $prefix/share/doc/actorsctl/examples/registry.json"
  say "nothing was enabled; to have the registry on this machine: systemctl enable --now global-registry"
}

install_all() {
  local staged_by_user=''
  if [ -n "$work" ]; then
    staged_by_user=yes
    stage=$work/root
  else
    if live && dpkg-query -W -f '${db:Status-Status}' actorsctl 2>/dev/null | grep -qx installed; then
      die "the Debian package actorsctl is installed: apt install the next one, or apt remove actorsctl first"
    fi
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    stage=$work/root
    build_and_stage
  fi
  if [ -z "$staged_by_user" ]; then become_root install --prefix "$prefix" ${enable:+--enable} --staged "$work"; fi
  alone
  (cd "$stage" && find . -type f | sed 's|^\.||' | sort) >"$work/files"
  local done_now placed
  placed=$(place)
  write_manifest
  done_now=$placed
  if live; then done_now+=$'\n'$(make_users)$'\n'$(take_up "$placed"); fi
  if [ -n "$enable" ] && has_systemd; then done_now+=$'\n'$(enable_registry); fi
  done_now=$(sed '/^$/d' <<<"$done_now")
  if [ -n "$done_now" ]; then
    echo "$done_now"
  else
    say "nothing to do: $(wc -l <"$work/files") files below $destdir$prefix are those of this checkout"
  fi
  what_next
}

# --- manager

# A word as env -S reads it back.
env_word() {
  if [[ $1 =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]]; then
    printf '%s' "$1"
  else
    local word=${1//\\/\\\\}
    printf "'%s'" "${word//\'/\\\'}"
  fi
}

# A value as systemd reads it back from an EnvironmentFile.
environment_value() {
  local value=${1//\\/\\\\}
  value=${value//\"/\\\"}
  value=${value//\`/\\\`}
  printf '"%s"' "${value//\$/\\\$}"
}

environment_file() {
  local name=$1 registry=$2 word line=''
  shift 2
  echo "# What manager@$name.service runs: systemd.exec(5), EnvironmentFile=. Written by scripts/install.sh; yours to change."
  if [ $# -gt 0 ]; then
    for word in "$@"; do line+=" $(env_word "$word")"; done
    echo "EXEC=$(environment_value "${line# }")"
  else
    echo "#EXEC=/usr/local/bin/program --option"
  fi
  if [ -n "$registry" ]; then
    echo "REGISTRY_ENDPOINT=$registry"
  else
    echo "#REGISTRY_ENDPOINT=tcp://registry.example:5555"
  fi
}

drop_in() {
  echo "# Of manager@$1.service alone: systemd.service(5). Written by scripts/install.sh; yours to change."
  echo "[Service]"
  [ -z "$2" ] || printf 'DynamicUser=no\nUser=%s\n' "$2"
  [ -z "$3" ] || echo "MemoryMax=$3"
}

# Writes standard input to a file that is not there yet. One that is there is a person's, and left as it is: it is an error
# where it was to say something else. Prints what it did.
write_once() {
  local file=$destdir$1 wanted
  wanted=$(cat)
  if [ -e "$file" ]; then
    if [ -n "$2" ] && [ "$wanted" != "$(cat "$file")" ]; then
      diff -u --label "$file" --label "asked for" "$file" - <<<"$wanted" >&2 || true
      die "$file says something else, and is left as it is: change it there, or remove it first"
    fi
    return 0
  fi
  install -D -m 644 /dev/stdin "$file" <<<"$wanted"
  printf '%-8s %s\n' new "$file"
}

manager() {
  local name='' registry='' user='' memory='' asked='' given=("$@")
  while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in
      --registry) registry=${2:?"$1 needs an endpoint"} asked=yes ;;
      --user) user=${2:?"$1 needs a user"} ;;
      --memory-max) memory=${2:?"$1 needs a size"} ;;
      --prefix) prefix=${2:?"$1 needs a directory"} ;;
      --enable) enable=yes ;;
      -*) usage "no such option of manager: $1" ;;
      *)
        [ -z "$name" ] || usage "one manager at a time"
        name=$1
        ;;
    esac
    case $1 in --registry | --user | --memory-max | --prefix) shift 2 ;; *) shift ;; esac
  done
  if [ "${1:-}" = -- ]; then shift; fi
  [ $# = 0 ] || asked=yes
  [ -n "$name" ] || usage "manager needs a name"
  [[ $name =~ ^[A-Za-z0-9_.:-]{1,200}$ ]] || usage "a manager's name is letters, digits and _.:- here, not '$name'"
  [[ $registry =~ ^([a-z]+://[^[:space:]\"\'\\]+)?$ ]] || usage "no endpoint: $registry"
  [[ $memory =~ ^([0-9]+[KMGT%]?|infinity)?$ ]] || usage "no size: $memory"
  [[ $* != *$'\n'* ]] || usage "a command's words may not have line ends"
  if live && [ -n "$user" ]; then getent passwd -- "$user" >/dev/null || die "no such user: $user"; fi
  if has_systemd && [ -z "$(known_to_systemd manager@.service)" ]; then die "nothing is installed here; first: $self"; fi
  become_root manager "${given[@]}"
  write_manager "$name" "$registry" "$user" "$memory" "$asked" "$@"
}

write_manager() {
  local name=$1 registry=$2 user=$3 memory=$4 asked=$5 done_now
  shift 5
  local unit=manager@$name.service file=$config/managers/$name.env
  done_now=$(environment_file "$name" "$registry" "$@" | write_once "$file" "$asked")
  if [ -n "$user$memory" ]; then
    done_now+=$'\n'$(drop_in "$name" "$user" "$memory" | write_once "/etc/systemd/system/$unit.d/install.conf" yes)
    if has_systemd; then systemctl daemon-reload; fi
  fi
  if [ -n "$enable" ] && has_systemd && ! { systemctl --quiet is-enabled "$unit" && active "$unit"; }; then
    systemctl --quiet enable --now "$unit"
    done_now+=$'\n'"enabled  $unit"
  fi
  done_now=$(sed '/^$/d' <<<"$done_now")
  if [ -n "$done_now" ]; then echo "$done_now"; else say "nothing to do: $unit is as it was asked for"; fi
  grep -q '^EXEC=' "$destdir$file" || say "what it runs is yours to say: EXEC= in $destdir$file"
  if has_systemd && ! active "$unit"; then say "to have it: systemctl enable --now $unit"; fi
  say "in the configuration of whoever controls it: \"$name\": {\"service\": \"$unit\"}"
}

# --- status

status() {
  [ -e "$manifest" ] || {
    say "nothing is installed below $destdir$prefix"
    exit 3
  }
  local result=0 wrong unit file
  wrong=$(sed "s|  |  $destdir|" "$manifest" | LC_ALL=C sha256sum --check --quiet 2>/dev/null | sed 's/: FAILED.*//') || true
  echo "files      $(installed_files | wc -l) below $destdir$prefix${wrong:+, and not as they were installed:}"
  if [ -n "$wrong" ]; then
    while read -r file; do echo "           $file"; done <<<"$wrong"
    result=1
  fi
  if live; then
    echo "version    $("$prefix/bin/actorsctl" --version 2>&1)"
    if [ -e "$config/registry.json" ]; then
      echo "config     $("$prefix/bin/actorsctl" --config "$config/registry.json" config check 2>&1 | sed '2,$s/^/           /')"
    else
      echo "config     none at $config/registry.json; defaults are in force"
    fi
  fi
  if has_systemd; then
    while read -r unit; do
      printf '%-10s %-26s %s, %s\n' unit "$unit" "$(systemctl is-active "$unit" 2>/dev/null)" \
        "$(systemctl is-enabled "$unit" 2>/dev/null)" || true
    done < <(printf '%s\n' "${services[@]}" && managers)
  fi
  exit "$result"
}

# --- uninstall

# Asks on the terminal; --yes has said yes already.
agreed() {
  local word
  if [ "$answer" = yes ]; then return 0; fi
  [ -t 0 ] || die "$1 No terminal to ask at; nothing was done. --yes says yes, uninstall --keep-state keeps state"
  read -rp "$1 [y/N] " word || word=''
  [[ $word == [yY] || $word == [yY][eE][sS] ]]
}

existing() {
  local path
  for path in "$@"; do [ ! -e "$destdir$path" ] || echo "$destdir$path"; done
}

stop_services() {
  local unit
  for unit in "$@"; do
    systemctl --quiet disable --now "$unit" 2>/dev/null || systemctl --quiet stop "$unit" 2>/dev/null || true
    systemctl reset-failed "$unit" 2>/dev/null || true
  done
}

# The folders above a file that are empty without it, but for those that every machine has.
remove_empty_above() {
  local folder
  folder=$(dirname "$1")
  while [[ $folder == "$prefix"/*/* && $folder != */man/man? && $folder != */share/man ]]; do
    rmdir "$destdir$folder" 2>/dev/null || return 0
    folder=$(dirname "$folder")
  done
}

remove_files() {
  local file
  local -a files
  mapfile -t files < <(installed_files)
  for file in "${files[@]}" "${manifest#"$destdir"}"; do
    rm -f "$destdir$file"
    remove_empty_above "$file"
  done
}

remove_state() {
  local user
  xargs -rd '\n' rm -rf <<<"$1"
  find "$destdir/etc/systemd/system" -path '*/manager@*.service.d/install.conf' -delete 2>/dev/null || true
  find "$destdir/etc/systemd/system" -maxdepth 1 -name 'manager@*.service.d' -empty -delete 2>/dev/null || true
  for user in actors-registry actors-supervise; do
    if live && getent passwd "$user" >/dev/null; then userdel "$user"; fi
  done
}

uninstall() {
  become_root uninstall --prefix "$prefix" ${answer:+"--$answer"}
  [ -e "$manifest" ] || {
    say "nothing to do: nothing is installed below $destdir$prefix"
    exit 0
  }
  alone
  local state running='' remove='' unit
  state=$(existing "${states[@]}" "$config")
  if has_systemd; then running=$(managers | while read -r unit; do if active "$unit"; then echo "$unit"; fi; done); fi
  if [ -n "$running" ] && ! agreed "These managers run and would be stopped: ${running//$'\n'/, }."; then
    say "nothing was done"
    exit 1
  fi
  if [ -n "$state" ] && [ "$answer" != keep-state ] && agreed "Remove state and configuration too: ${state//$'\n'/, }?"; then
    remove=yes
  fi
  if has_systemd; then
    mapfile -t running < <(managers)
    stop_services "${services[@]}" global-registry.socket "${running[@]}"
  fi
  remove_files
  if [ -n "$remove" ]; then remove_state "$state"; fi
  if has_systemd; then systemctl daemon-reload; fi
  say "removed what was installed below $destdir$prefix"
  if [ -n "$state" ] && [ -n "$remove" ]; then
    say "removed ${state//$'\n'/, }"
  elif [ -n "$state" ]; then
    say "kept ${state//$'\n'/, }"
  fi
}

verb=install
case ${1:-} in
  install | status | uninstall)
    verb=$1
    shift
    ;;
  manager)
    shift
    manager "$@"
    exit 0
    ;;
esac
while [ $# -gt 0 ]; do
  case $verb:$1 in
    *:--prefix)
      [[ ${2:-} == /* ]] || usage "--prefix needs an absolute directory"
      prefix=${2%/}
      shift
      ;;
    install:--enable) enable=yes ;;
    install:--staged)
      work=${2:?}
      shift
      ;;
    uninstall:--yes | uninstall:--keep-state) answer=${1#--} ;;
    *) usage "not understood: $1" ;;
  esac
  shift
done
manifest=$destdir$prefix/share/actorsctl/installed
case $verb in
  install) install_all ;;
  *) "$verb" ;;
esac
