#include "controller/deploy_probes.hpp"

#include "systemd_units/written.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace controller::deploying {
namespace {

constexpr const char* as_root_script = R"sh(
[ "$(id -u)" != 0 ] || { shift; exec "$@"; }
[ "$1" != anyhow ] || sudo -n true 2>/dev/null || { shift; exec "$@"; }
shift
exec sudo -n -- "$@"
)sh";

/// Its arguments: deploy's mark, the control user, `boot` or nothing, how many further files, those, and
/// units.
constexpr const char* survey_script = R"sh(
PATH=$PATH:/usr/sbin:/sbin
mark=$1 user=$2 boot=$3 files=$4
shift 4

show() {
  folder=${1%/*}
  if [ -L "$1" ]; then echo link; readlink -- "$1" | head -n 1
  elif [ -d "$folder" ] && [ ! -x "$folder" ]; then echo unreadable
  elif [ ! -e "$1" ]; then echo missing
  elif [ ! -f "$1" ]; then echo other
  elif [ ! -r "$1" ]; then echo unreadable
  else
    size=$(wc -c <"$1")
    echo "regular $((size))"
    head -c "$((size))" -- "$1"
    echo
  fi
}
elsewhere() {
  for folder in /etc/systemd/system.control /run/systemd/system.control /run/systemd/transient /etc/systemd/system \
    /run/systemd/system /run/systemd/generator /usr/local/lib/systemd/system /usr/lib/systemd/system \
    /lib/systemd/system /run/systemd/generator.late; do
    for name; do
      [ "$folder/$name" != "/etc/systemd/system/$1" ] || continue
      if [ -e "$folder/$name" ] || [ -L "$folder/$name" ]; then printf ' %s/%s' "$folder" "$name"; return; fi
    done
  done
}
reads_rules() {
  [ -e /usr/share/dbus-1/system-services/org.freedesktop.PolicyKit1.service ] || return
  [ "$(systemctl show -p LoadState --value polkit.service 2>/dev/null)" != masked ] || return
  [ -d /etc/polkit-1/rules.d ] || return
  version=$(pkaction --version 2>/dev/null)
  version=${version##* }
  version=${version#0.}
  version=${version%%[!0-9]*}
  [ -z "$version" ] || [ "$version" -ge 106 ]
}
sudo_is() {
  if ! command -v sudo >/dev/null || ! command -v visudo >/dev/null || [ ! -d /etc/sudoers.d ]; then echo none
  elif [ -r /etc/sudoers ] && ! grep -Eq '^[#@]includedir[[:space:]]+"?/etc/sudoers[.]d' /etc/sudoers; then
    echo reads_no_folder
  else echo usable
  fi
}
control_user_is() {
  [ -n "$user" ] || { echo nobody; return; }
  case $(id -u -- "$user" 2>/dev/null) in '') echo missing ;; 0) echo root ;; *) echo other ;; esac
}
journal_has() {
  getent group systemd-journal >/dev/null || { echo no_group; return; }
  case " $(id -nG -- "$user" 2>/dev/null) " in *" systemd-journal "*) echo member ;; *) echo no_member ;; esac
}
needs_reload() {
  [ $# -gt 0 ] && systemctl show -p NeedDaemonReload --value -- "$@" 2>/dev/null | grep -qx yes
}

echo "uid $(id -u)"
echo "as $(id -un)"
if reads_rules; then echo "polkit yes"; else echo "polkit no"; fi
echo "sudo $(sudo_is)"
echo "user $(control_user_is)"
echo "journal $(journal_has)"
asked=" $* "
while [ "$files" -gt 0 ]; do
  show "$1"
  shift
  files=$((files - 1))
done
if needs_reload "$@"; then echo "reload yes"; else echo "reload no"; fi
for unit; do
  case $unit in *@*) other=$(elsewhere "$unit" "${unit%%@*}@.service") ;; *) other=$(elsewhere "$unit") ;; esac
  printf 'unit%s\n' "$other"
  show "/etc/systemd/system/$unit"
  printf 'boot %s\n' "$(if [ -n "$boot" ]; then systemctl is-enabled -- "$unit" 2>/dev/null | head -n 1; fi)"
done
grep -lF -e "$mark" /etc/systemd/system/*.service /etc/polkit-1/rules.d/60-actorsctl-*.rules \
  /etc/sudoers.d/actorsctl-* /dev/null 2>/dev/null |
  while IFS= read -r file; do
    [ -f "$file" ] && [ ! -L "$file" ] && [ -r "$file" ] || continue
    name=$file state=
    case $file in /etc/systemd/system/*) name=${file##*/} ;; esac
    case $asked in *" $name "*) continue ;; esac
    case $file in *.service) state=$(systemctl show -p ActiveState --value -- "$name" 2>/dev/null) ;; esac
    printf 'other %s %s\n' "${state:--}" "$file"
    show "$file"
  done
echo end
)sh";

/// What put and remove begin with: their place, and that it is as it was seen.
constexpr const char* place_script = R"sh(
PATH=$PATH:/usr/sbin:/sbin
path=$1 before=$2
folder=${path%/*}
temporary= backup=
trap 'rm -f -- "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
fail() { printf '%s\n' "$*" >&2; exit 1; }
state() {
  if [ -L "$path" ]; then echo link
  elif [ ! -e "$path" ]; then echo missing
  elif [ -f "$path" ]; then cksum <"$path"
  else echo other
  fi
}
keep_a_copy() {
  [ "$before" != missing ] || return 0
  mkdir -p /var/lib/actorsctl/backup && chmod 0700 /var/lib/actorsctl/backup || exit
  backup=$(mktemp -d "/var/lib/actorsctl/backup/$(date -u +%Y%m%dT%H%M%SZ)-XXXXXX")/${path##*/} || exit
  cp -a -- "$path" "$backup" && sync -- "${backup%/*}" || exit
}
)sh";

/// Further arguments: the new content's checksum, the mode, what checks it.
constexpr const char* put_script = R"sh(
after=$3 mode=$4 check=$5
temporary=$(mktemp "$folder/.actorsctl-XXXXXX") || exit
cat >"$temporary" || exit
[ "$(cksum <"$temporary")" = "$after" ] || fail "it did not arrive whole"
now=$(state)
[ "$now" != "$after" ] || { echo unchanged; exit 0; }
[ "$now" = "$before" ] && [ "$now" != other ] || fail "somebody changed it meanwhile"
if [ "$check" = sudoers ]; then visudo -c -f "$temporary" >/dev/null || fail "visudo refuses it"; fi
chmod "$mode" -- "$temporary" && chown 0:0 -- "$temporary" || exit
keep_a_copy
trap '' HUP INT TERM
sync -- "$temporary" && mv -fT -- "$temporary" "$path" || exit
temporary=
sync -- "$folder" || exit
printf 'changed %s\n' "$backup"
)sh";

/// A further argument: the unit.
constexpr const char* remove_script = R"sh(
unit=$3
now=$(state)
[ "$now" != missing ] || { echo unchanged; exit 0; }
[ "$now" = "$before" ] || fail "somebody changed it meanwhile"
if [ -n "$unit" ]; then
  active=$(systemctl show -p ActiveState --value -- "$unit") || exit
  case $active in inactive | failed) ;; *) fail "$unit is ${active:-in a state that is unknown}" ;; esac
  systemctl --quiet --no-reload disable -- "$unit" >/dev/null || exit
  systemctl reset-failed -- "$unit" 2>/dev/null
fi
keep_a_copy
rm -f -- "$path" && sync -- "$folder" || exit
printf 'changed %s\n' "$backup"
)sh";

Arguments in_shell(const std::string& script, const Arguments& arguments) {
  Arguments command{"env", "LC_ALL=C", "sh", "-c", script, "sh"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// An answer: lines, and bytes whose number a line said.
class Answer {
public:
  explicit Answer(std::string_view text) : text_(text) {}

  std::string_view line() {
    const auto end = text_.find('\n');
    if (end == std::string_view::npos) throw std::invalid_argument("the answer ends too early");
    const auto line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return line;
  }

  /// `WORD` or `WORD VALUE`, its value.
  std::string_view line(std::string_view word) {
    const auto whole = line();
    if (!whole.starts_with(word) || (whole.size() > word.size() && whole[word.size()] != ' ')) wrong(whole);
    return whole.substr(std::min(word.size() + 1, whole.size()));
  }

  std::string_view bytes(std::string_view number) {
    std::size_t size = 0;
    const auto* const end = number.data() + number.size();
    const auto [stopped, error] = std::from_chars(number.data(), end, size);
    if (number.empty() || error != std::errc{} || stopped != end) wrong(number);
    if (size >= text_.size() || text_[size] != '\n')
      throw std::invalid_argument("a file changed while it was read");
    const auto bytes = text_.substr(0, size);
    text_.remove_prefix(size + 1);
    return bytes;
  }

  void must_end() const {
    if (!text_.empty()) wrong(text_.substr(0, text_.find('\n')));
  }

  [[noreturn]] static void wrong(std::string_view line) {
    constexpr std::size_t shown = 60;
    throw std::invalid_argument("not an answer: '" + std::string(line.substr(0, shown)) + "'");
  }

private:
  std::string_view text_;
};

template<class Value>
Value one_of(std::string_view word, std::initializer_list<std::pair<std::string_view, Value>> words) {
  for (const auto& [name, value] : words)
    if (name == word) return value;
  Answer::wrong(word);
}

FoundFile read_file(Answer& answer) {
  using Kind = FoundFile::Kind;
  const auto line = answer.line();
  if (line.starts_with("regular ")) return {Kind::regular, std::string(answer.bytes(line.substr(8)))};
  const auto kind = one_of<Kind>(line, {{"missing", Kind::missing},
                                        {"link", Kind::link},
                                        {"other", Kind::other},
                                        {"unreadable", Kind::unreadable}});
  return {kind, kind == Kind::link ? std::string(answer.line()) : ""};
}

/// Where deploy writes, and nowhere else: what is said to be there may be removed.
bool may_be_ours(std::string_view path) {
  for (const std::string_view place : {"/etc/systemd/system/", "/etc/polkit-1/rules.d/", "/etc/sudoers.d/"})
    if (path.starts_with(place) && path.size() > place.size())
      return path.find('/', place.size()) == std::string_view::npos;
  return false;
}

Survey::Other read_other(std::string_view line, Answer& answer) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !may_be_ours(line.substr(space + 1))) Answer::wrong(line);
  const auto state = line.substr(0, space);
  return {std::string(line.substr(space + 1)), state == "-" ? "" : std::string(state), read_file(answer)};
}

} // namespace

Arguments as_root(const Arguments& command, bool anyhow) {
  Arguments words{anyhow ? "anyhow" : "surely"};
  words.insert(words.end(), command.begin(), command.end());
  return in_shell(as_root_script, words);
}

std::string state_of(const FoundFile& file) {
  switch (file.kind) {
  case FoundFile::Kind::missing: return "missing";
  case FoundFile::Kind::regular: return systemd_units::cksum(file.content);
  case FoundFile::Kind::link: return "link";
  case FoundFile::Kind::other:
  case FoundFile::Kind::unreadable: break;
  }
  return "other";
}

Arguments survey_command(const SurveyQuestion& question) {
  Arguments words{std::string(systemd_units::written_mark), question.control_user,
                  question.boot ? "boot" : "", std::to_string(question.files.size())};
  words.insert(words.end(), question.files.begin(), question.files.end());
  words.insert(words.end(), question.units.begin(), question.units.end());
  return in_shell(survey_script, words);
}

Survey read_survey(std::string_view output, const SurveyQuestion& question) {
  Answer answer(output);
  Survey survey;
  survey.is_root = answer.line("uid") == "0";
  survey.asked_as = answer.line("as");
  survey.polkit_rules = one_of<bool>(answer.line("polkit"), {{"yes", true}, {"no", false}});
  survey.sudo = one_of<Survey::Sudo>(answer.line("sudo"), {{"none", Survey::Sudo::none},
                                                           {"reads_no_folder", Survey::Sudo::reads_no_folder},
                                                           {"usable", Survey::Sudo::usable}});
  survey.control_user = one_of<Survey::User>(answer.line("user"), {{"nobody", Survey::User::nobody},
                                                                   {"missing", Survey::User::missing},
                                                                   {"root", Survey::User::root},
                                                                   {"other", Survey::User::other}});
  survey.journal =
      one_of<Survey::Journal>(answer.line("journal"), {{"no_group", Survey::Journal::no_group},
                                                       {"member", Survey::Journal::member},
                                                       {"no_member", Survey::Journal::no_member}});
  for (std::size_t i = 0; i < question.files.size(); ++i)
    survey.files.push_back(read_file(answer));
  survey.needs_reload = one_of<bool>(answer.line("reload"), {{"yes", true}, {"no", false}});
  for (std::size_t i = 0; i < question.units.size(); ++i) {
    auto elsewhere = std::string(answer.line("unit"));
    auto file = read_file(answer);
    survey.units.push_back({std::move(file), std::move(elsewhere), std::string(answer.line("boot"))});
  }
  for (auto line = answer.line(); line != "end"; line = answer.line()) {
    if (!line.starts_with("other ")) Answer::wrong(line);
    survey.others.push_back(read_other(line.substr(6), answer));
  }
  answer.must_end();
  return survey;
}

Arguments put_command(const Put& put) {
  return in_shell(std::string(place_script) + put_script,
                  {put.path, put.state_before, put.checksum, put.mode, put.is_sudoers ? "sudoers" : ""});
}

Arguments remove_command(const std::string& path, const std::string& state_before, const std::string& unit) {
  return in_shell(std::string(place_script) + remove_script, {path, state_before, unit});
}

Change read_change(std::string_view output) {
  Answer answer(output);
  if (output == "unchanged\n") return {};
  Change change{true, std::string(answer.line("changed"))};
  answer.must_end();
  return change;
}

Arguments reload_command() {
  return {"env", "LC_ALL=C", "systemctl", "daemon-reload"};
}

Arguments enable_command(const std::string& unit) {
  return {"env", "LC_ALL=C", "systemctl", "--quiet", "--no-reload", "enable", "--", unit};
}

Arguments add_to_journal_command(const std::string& user) {
  return in_shell("PATH=$PATH:/usr/sbin:/sbin\nexec gpasswd -a \"$1\" systemd-journal >/dev/null", {user});
}

} // namespace controller::deploying
