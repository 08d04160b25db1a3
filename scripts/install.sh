#!/bin/bash
# Installs actorsctl from this checkout: program, units and their users, manual, completions, an example configuration.
#
#   scripts/install.sh [install] [--enable]     builds what is missing and installs it; --enable also starts the registry,
#                                               now and with the machine
#   scripts/install.sh manager NAME [--registry ENDPOINT] [--user USER] [--memory-max SIZE] [--enable] [-- COMMAND [ARG]...]
#                                               what manager@NAME.service runs; where it is written already, it is left as it is
#   scripts/install.sh status                   what is installed, what runs; 1 where a file is not as it was installed, or an
#                                               installation did not finish; 3 where nothing is installed
#   scripts/install.sh uninstall [--keep-state | --yes]
#                                               removes it all; asks before it stops managers, and before it removes state and
#                                               configuration
#
# Each takes --prefix DIR (/usr/local; systemd looks there and in /usr). With DESTDIR set, files are placed below it and nothing
# else is done. Needs root or sudo where DESTDIR is not set. Run twice it changes nothing the second time, and says so. What
# runs is restarted only where it has changed. BUILD_DIR names a finished build to take. Where something fails it says what, and
# ends with 1; run again when that is mended, it does the rest.
set -euo pipefail
shopt -s inherit_errexit # $(...) ends at what fails in it, too
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
self=$top/scripts/install.sh

destdir=${DESTDIR:-}
prefix=/usr/local
enable=''
answer=''
work='' # what is to be installed is in $work/root, and lists of it beside that
stage=''
own_work=''     # yes: this process made $work
done_already='' # yes: something was done, and printed
phase=''        # of the installation: preparing, placing, placed
services=(global-registry.service actors-supervise.service)
config=/etc/actors
states=(/var/lib/actors /var/lib/actors-supervise /var/lib/actors-managers /var/lib/private/actors-managers)

say() { echo "install: $*"; }

# Prints what was done as soon as it was: what fails later does not undo it.
did() {
  done_already=yes
  printf '%-8s %s\n' "$1" "$2"
}

die() {
  echo "install: $*" >&2
  exit 1
}

usage() {
  [ $# = 0 ] || echo "install: $*" >&2
  sed -n '3,17s/^#$//p; 3,17s/^# \{0,3\}//p' "$self" >&2
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
  mkdir -p "$destdir$prefix" || die "$destdir$prefix can't be made; nothing was changed"
  exec 9<"$destdir$prefix"
  flock 9
}

# The files of the last installation, and of one that did not finish, without DESTDIR.
installed_files() {
  {
    if [ -e "$manifest" ]; then sed 's/^[0-9a-f]*  //' "$manifest"; fi
    if [ -e "$unfinished" ]; then sed -n '/^\//p' "$unfinished"; fi
  } | sort -u
}

known_to_systemd() { systemctl list-unit-files --no-legend --no-pager "$@" 2>/dev/null; }

active() { systemctl --quiet is-active "$1" 2>/dev/null; }

# systemd's word for a unit. No answer is none of them.
state_of() {
  local state
  state=$(systemctl is-active "$1") || [ -n "$state" ] || die "systemd does not say how $1 is: systemctl status $1"
  echo "$state"
}

# The instances of manager@ that run or are to.
managers() {
  local loaded written
  loaded=$(systemctl list-units --all --plain --no-legend --no-pager 'manager@*.service') ||
    die "systemd does not say which managers there are: systemctl list-units 'manager@*'"
  written=$(known_to_systemd 'manager@*.service') || true # 1 where there are none
  printf '%s\n' "$loaded" "$written" | awk 'NF && $1 != "manager@.service" { print $1 }' | sort -u
}

# Begins a unit by a verb of systemctl's.
bring_up() {
  systemctl --quiet "$1" "$2" || die "$2 did not come up (systemctl $1 $2); why: systemctl status $2; journalctl -u $2." \
    "When that is mended, run this again"
}

# Has a unit started, now and with the machine.
enable_now() {
  systemctl --quiet enable "$1" || die "$1 could not be enabled: systemctl enable $1"
  bring_up start "$1"
  did enabled "$1"
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
  local build=${BUILD_DIR:-build} built_for='' targets
  cd "$top"
  if [ -e "$build/build.ninja" ]; then built_for=$(option_of_build "$build" prefix); fi
  if [ "$built_for" = "$prefix" ]; then
    targets=$(runtime_targets "$build")
    BUILD_DIR=$build BUILD_TARGETS=$targets scripts/build >&2
  else
    [ -z "${BUILD_DIR:-}" ] || die "$BUILD_DIR is no build for --prefix $prefix"
    build="build-install"
    if [ -e "$build/build.ninja" ]; then meson configure "$build" "-Dprefix=$prefix" >&2; fi
    say "building, which takes some minutes the first time" >&2
    BUILD_DIR=$build scripts/build -Dtests=false "-Dprefix=$prefix" >&2
  fi
  meson install -C "$build" --no-rebuild --quiet --strip --tags runtime --destdir "$stage" >&2
}

differs() { ! cmp -s "$stage$1" "$destdir$1"; }

# What is to be done, as lists in $work: files, sums (of all that is to be there), changes, gone (what an earlier version had).
list_changes() {
  local file
  (cd "$stage" && find . -type f | sed 's|^\.||' | sort) >"$work/files"
  (cd "$stage" && sed 's|^/||' "$work/files" | xargs -d '\n' sha256sum) | sed 's|  |  /|' >"$work/sums"
  installed_files >"$work/had"
  comm -13 "$work/files" "$work/had" >"$work/dropped"
  while read -r file; do if differs "$file"; then echo "$file"; fi; done <"$work/files" >"$work/changes"
  while read -r file; do if [ -e "$destdir$file" ]; then echo "$file"; fi; done <"$work/dropped" >"$work/gone"
}

# Copies a file to where it is to be, under a name of its own.
lay_beside() {
  install -D -m "$1" "$2" "$3.new~" || die "$3 can't be written, and nothing was changed; look at: df -h $destdir$prefix;" \
    "findmnt -T $destdir$prefix. When that is mended, run this again"
}

# Writes all that is new beside what is there, so that a full disk is met before anything is changed. Last goes the list of
# what is about to be done: an installation that does not finish is known by it, and the next one does the rest.
prepare() {
  local file mode unit state
  phase=preparing
  while read -r file; do
    mode=644
    [ ! -x "$stage$file" ] || mode=755
    lay_beside "$mode" "$stage$file" "$destdir$file"
  done <"$work/changes"
  cmp -s "$work/sums" "$manifest" || lay_beside 644 "$work/sums" "$manifest"
  cat "$work/changes" "$work/gone" >"$work/under_way"
  if [ ! -s "$work/under_way" ]; then return 0; fi
  if [ -e "$unfinished" ]; then cat "$unfinished" >>"$work/under_way"; fi
  if has_systemd; then
    for unit in "${services[@]}"; do
      state=$(state_of "$unit")
      # One that is tried again and again is to be tried with what is new.
      case $state in active | activating | reloading) echo "$unit" >>"$work/under_way" ;; esac
    done
  fi
  sort -u -o "$work/under_way" "$work/under_way"
  lay_beside 644 "$work/under_way" "$unfinished"
  mv -fT "$unfinished.new~" "$unfinished"
}

# Puts what differs into place, each file at once, and removes what an earlier version had.
place() {
  local file kind
  phase=placing
  while read -r file; do
    kind=changed
    [ -e "$destdir$file" ] || kind=new
    mv -fT "$destdir$file.new~" "$destdir$file" || not_placed "$file" "put into place"
    did "$kind" "$destdir$file"
  done <"$work/changes"
  while read -r file; do
    rm -f "$destdir$file" || not_placed "$file" removed
    did removed "$destdir$file"
  done <"$work/gone"
  if [ -e "$manifest.new~" ]; then
    mv -fT "$manifest.new~" "$manifest" || not_placed "${manifest#"$destdir"}" "put into place"
  fi
  phase=placed
}

not_placed() {
  die "$destdir$1 can't be $2; nothing was done after that, and no service restarted. Look at: findmnt -T $destdir$1;" \
    "lsattr -d $destdir$1. When that is mended, run this again"
}

# The manifest of an installation that stopped between two files: what is new where that is in place, else what was before.
write_manifest_of_what_is_there() {
  local line
  {
    while read -r line; do if ! differs "${line#*  }"; then echo "$line"; fi; done <"$work/sums"
    if [ -e "$manifest" ]; then cat "$manifest"; fi
  } | awk '!seen[substr($0, 67)]++' >"$work/known"
  while read -r line; do if [ -e "$destdir${line#*  }" ]; then echo "$line"; fi; done <"$work/known" >"$work/there"
  if { install -m 644 "$work/there" "$manifest.new~" && mv -fT "$manifest.new~" "$manifest"; }; then return 0; fi
  say "$manifest can't be written, and is that of the installation before" >&2
}

# However it ends: nothing half is left.
end_of_install() {
  local status=$? file
  set +e
  if [ "$phase" = placing ]; then write_manifest_of_what_is_there; fi
  if [ -n "$phase" ]; then
    while read -r file; do rm -f "$destdir$file.new~"; done <"$work/files"
    rm -f "$manifest.new~" "$unfinished.new~"
  fi
  if [ "$phase" = preparing ]; then
    while read -r file; do remove_empty_above "$file"; done <"$work/changes"
    remove_empty_above "${manifest#"$destdir"}"
  fi
  if [ -n "$own_work" ]; then rm -rf "$work"; fi
  exit "$status"
}

# What systemd has to be told of new files, of this installation and of ones before that did not come to it.
take_up() {
  local unit state
  if ! has_systemd || [ ! -e "$unfinished" ]; then return 0; fi
  if grep -q '/systemd/system/' "$unfinished"; then
    systemctl daemon-reload || die "systemd did not read the new units: systemctl daemon-reload"
  fi
  for unit in "${services[@]}"; do
    if ! grep -qx "$unit" "$unfinished" || ! grep -qE "/bin/actorsctl$|/$unit$" "$unfinished"; then continue; fi
    state=$(state_of "$unit")
    # Somebody has stopped it since.
    if [ "$state" = inactive ]; then continue; fi
    bring_up restart "$unit"
    did restarted "$unit"
  done
}

# Who the services run as. Without systemd none of them runs.
make_users() {
  local user file=$prefix/lib/sysusers.d/actors.conf
  local -a missing=()
  for user in actors-registry actors-supervise; do
    getent passwd "$user" >/dev/null || missing+=("$user")
  done
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  if ! has_systemd && ! command -v systemd-sysusers >/dev/null; then return 0; fi
  systemd-sysusers "$file" || die "these users could not be made: ${missing[*]} (systemd-sysusers $file)." \
    "When that is mended, run this again"
  for user in "${missing[@]}"; do
    getent passwd "$user" >/dev/null || die "user $user was not made (systemd-sysusers $file)"
    did user "$user"
  done
}

enable_registry() {
  if systemctl --quiet is-enabled "${services[0]}" && active "${services[0]}"; then return 0; fi
  enable_now "${services[0]}"
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
  else
    if live && dpkg-query -W -f '${db:Status-Status}' actorsctl 2>/dev/null | grep -qx installed; then
      die "the Debian package actorsctl is installed: apt install the next one, or apt remove actorsctl first"
    fi
    work=$(mktemp -d)
    own_work=yes
  fi
  stage=$work/root
  trap end_of_install EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [ -z "$staged_by_user" ]; then
    build_and_stage
    become_root install --prefix "$prefix" ${enable:+--enable} --staged "$work"
  fi
  alone
  list_changes
  prepare
  place
  if live; then
    make_users
    take_up
  fi
  rm -f "$unfinished"
  if [ -n "$enable" ] && has_systemd; then enable_registry; fi
  [ -n "$done_already" ] ||
    say "nothing to do: $(wc -l <"$work/files") files below $destdir$prefix are those of this checkout"
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

# Writes a text to a file that is not there yet. One that is there is a person's, and left as it is: where $3 says so, it is an
# error that it says something else.
write_once() {
  local file=$destdir$1 wanted=$2 there
  if [ -e "$file" ]; then
    there=$(cat "$file")
    if [ -n "$3" ] && [ "$wanted" != "$there" ]; then
      diff -u --label "$file" --label "asked for" "$file" - <<<"$wanted" >&2 || true
      die "$file says something else, and is left as it is: change it there, or remove it first"
    fi
    return 0
  fi
  # Half a file would be taken for a person's by the next run.
  if ! { install -D -m 644 /dev/stdin "$file.new~" <<<"$wanted" && mv -fT "$file.new~" "$file"; }; then
    rm -f "$file.new~"
    die "$file can't be written; look at: df -h $destdir/etc; findmnt -T $destdir/etc. When that is mended, run this again"
  fi
  did new "$file"
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
  local name=$1 registry=$2 user=$3 memory=$4 asked=$5 text
  shift 5
  local unit=manager@$name.service file=$config/managers/$name.env
  text=$(environment_file "$name" "$registry" "$@")
  write_once "$file" "$text" "$asked"
  if [ -n "$user$memory" ]; then
    text=$(drop_in "$name" "$user" "$memory")
    write_once "/etc/systemd/system/$unit.d/install.conf" "$text" yes
    if has_systemd; then systemctl daemon-reload || die "systemd did not read the drop-in: systemctl daemon-reload"; fi
  fi
  if [ -n "$enable" ] && has_systemd && ! { systemctl --quiet is-enabled "$unit" && active "$unit"; }; then
    enable_now "$unit"
  fi
  [ -n "$done_already" ] || say "nothing to do: $unit is as it was asked for"
  grep -q '^EXEC=' "$destdir$file" || say "what it runs is yours to say: EXEC= in $destdir$file"
  if has_systemd && ! active "$unit"; then say "to have it: systemctl enable --now $unit"; fi
  say "in the configuration of whoever controls it: \"$name\": {\"service\": \"$unit\"}"
}

# --- status

status() {
  if [ ! -e "$manifest" ] && [ ! -e "$unfinished" ]; then
    say "nothing is installed below $destdir$prefix"
    exit 3
  fi
  local result=0 sums='' wrong='' unit file
  if [ -e "$manifest" ]; then sums=$(sed "s|  |  $destdir|" "$manifest"); fi
  if [ -n "$sums" ]; then
    wrong=$(LC_ALL=C sha256sum --check --quiet <<<"$sums" 2>/dev/null | sed 's/: FAILED.*//') || result=1
  fi
  echo "files      $(grep -c . <<<"$sums" || true) below $destdir$prefix${wrong:+, and not as they were installed:}"
  if [ -n "$wrong" ]; then
    while read -r file; do echo "           $file"; done <<<"$wrong"
  fi
  if [ -e "$unfinished" ]; then
    echo "           the last installation did not finish: run it again"
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
  local unit state
  for unit in "$@"; do
    systemctl --quiet disable --now "$unit" 2>/dev/null || systemctl --quiet stop "$unit" 2>/dev/null || true
    systemctl reset-failed "$unit" 2>/dev/null || true
    state=$(state_of "$unit")
    case $state in
      inactive | failed) ;;
      *) die "$unit is $state and was to be stopped; nothing was removed. Why: systemctl status $unit" ;;
    esac
    state=$(systemctl is-enabled "$unit" 2>/dev/null) || true
    [ "$state" != enabled ] || die "$unit is enabled still; nothing was removed. Why: systemctl disable $unit"
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
  for file in "$@"; do
    rm -f "$destdir$file" "$destdir$file.new~" ||
      die "$destdir$file can't be removed; look at: findmnt -T $destdir$file. When that is mended, run this again"
    remove_empty_above "$file"
  done
}

remove_state() {
  local user units=$destdir/etc/systemd/system
  xargs -rd '\n' rm -rf <<<"$1" || die "not all of ${1//$'\n'/, } could be removed. When that is mended, run this again"
  if [ -d "$units" ]; then
    find "$units" -path '*/manager@*.service.d/install.conf' -delete || die "not all drop-ins in $units could be removed"
    find "$units" -maxdepth 1 -name 'manager@*.service.d' -empty -delete || die "not all drop-ins in $units could be removed"
  fi
  for user in actors-registry actors-supervise; do
    if live && getent passwd "$user" >/dev/null; then userdel "$user" || die "user $user could not be removed: userdel $user"; fi
  done
}

uninstall() {
  become_root uninstall --prefix "$prefix" ${answer:+"--$answer"}
  if [ ! -e "$manifest" ] && [ ! -e "$unfinished" ]; then
    say "nothing to do: nothing is installed below $destdir$prefix"
    exit 0
  fi
  alone
  local state known='' running='' remove='' unit list
  local -a units=() files=()
  state=$(existing "${states[@]}" "$config")
  if has_systemd; then known=$(managers); fi
  if [ -n "$known" ]; then
    mapfile -t units <<<"$known"
    for unit in "${units[@]}"; do if active "$unit"; then running+=${running:+$'\n'}$unit; fi; done
  fi
  if [ -n "$running" ] && ! agreed "These managers run and would be stopped: ${running//$'\n'/, }."; then
    say "nothing was done"
    exit 1
  fi
  if [ -n "$state" ] && [ "$answer" != keep-state ] && agreed "Remove state and configuration too: ${state//$'\n'/, }?"; then
    remove=yes
  fi
  if has_systemd; then stop_services "${services[@]}" global-registry.socket "${units[@]}"; fi
  list=$(installed_files)
  if [ -n "$list" ]; then mapfile -t files <<<"$list"; fi
  remove_files "${files[@]}"
  if [ -n "$remove" ]; then remove_state "$state"; fi
  if has_systemd; then systemctl daemon-reload || die "systemd did not forget the units: systemctl daemon-reload"; fi
  # Last, so that what failed before is done by the next run.
  remove_files "${manifest#"$destdir"}" "${unfinished#"$destdir"}"
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
unfinished=$destdir$prefix/share/actorsctl/unfinished
case $verb in
  install) install_all ;;
  *) "$verb" ;;
esac
