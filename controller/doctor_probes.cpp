#include "controller/doctor_probes.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace controller::probes {
namespace {

constexpr const char* who_script = R"sh(
echo "uid $(id -u)"
echo "user $(id -un)"
polkit=no
for folder in /usr/share /usr/local/share /etc; do
  [ ! -e "$folder/dbus-1/system-services/org.freedesktop.PolicyKit1.service" ] || polkit=yes
done
[ "$(systemctl show -p LoadState --value polkit.service 2>/dev/null)" != masked ] || polkit=no
echo "polkit $polkit"
readable=yes
for folder in /etc/polkit-1/rules.d /usr/share/polkit-1/rules.d; do
  if [ -d "$folder" ] && { [ ! -r "$folder" ] || [ ! -x "$folder" ]; }; then readable=no; fi
done
echo "readable $readable"
for unit; do
  place=$(grep -nF -- "$unit" /etc/polkit-1/rules.d/*.rules /usr/share/polkit-1/rules.d/*.rules /dev/null 2>/dev/null |
    head -n 1 | cut -d : -f 1,2)
  echo "rule $place"
done
)sh";

/// Its arguments: for each question the command line of systemctl, behind how many words that is.
constexpr const char* sudo_script = R"sh(
command -v sudo >/dev/null || { echo none; exit 0; }
for unit; do
  for verb in start stop restart; do
    if sudo -n -l /usr/bin/systemctl --no-ask-password "$verb" "$unit" >/dev/null 2>&1; then echo yes; else echo no; fi
  done
done
)sh";

constexpr const char* needs_script = R"sh(
for unit; do
  echo "[unit]"
  systemctl show --no-pager \
    --property=CanStart,User,DynamicUser,RootDirectory,RootImage,WorkingDirectory,EnvironmentFiles \
    --property=ExecStartPre,ExecStart -- "$unit" || exit
done
)sh";

constexpr const char* presence_script = R"sh(
hidden() {
  above=$1
  while [ -n "$above" ] && [ ! -e "$above" ]; do above=${above%/*}; done
  [ -d "${above:-/}" ] && [ ! -x "${above:-/}" ]
}
look() {
  if [ -e "$2" ]; then
    if [ "$1" = folder ]; then [ -d "$2" ] && echo there || echo unusable; return; fi
    if [ -d "$2" ]; then echo unusable; return; fi
    if [ "$1" = file ]; then echo there; return; fi
    if [ -x "$2" ]; then echo there; return; fi
    [ "$(id -u)" = 0 ] && echo unusable || echo unknown
  elif hidden "$2"; then echo unknown
  else echo missing
  fi
}
while [ $# -ge 2 ]; do
  case $1 in
    user) id -u -- "$2" >/dev/null 2>&1 && echo there || echo missing ;;
    *) look "$1" "$2" ;;
  esac
  shift 2
done
)sh";

/// The first line that a tool says is its reason. What bash can't do for want of network redirection, the
/// next may.
constexpr const char* reach_script = R"sh(
seconds=$1
shift
bounded() {
  if command -v timeout >/dev/null; then timeout "$seconds" "$@"; else "$@"; fi
}
by_bash() {
  command -v bash >/dev/null || return 100
  said=$(bounded bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1)
  end=$?
  case $said in *"No such file or directory"*) return 100 ;; esac
  return $end
}
by_python() {
  command -v python3 >/dev/null || return 100
  said=$(bounded python3 -c 'import socket, sys
try: socket.create_connection((sys.argv[1], sys.argv[2]), float(sys.argv[3]))
except OSError as e: sys.exit(e.strerror or str(e))' "$1" "$2" "$seconds" 2>&1)
}
by_nc() {
  command -v nc >/dev/null || return 100
  said=$(nc -z -w "$seconds" "$1" "$2" 2>&1)
}
while [ $# -ge 2 ]; do
  said=
  by_bash "$1" "$2"
  end=$?
  if [ $end = 100 ]; then by_python "$1" "$2"; end=$?; fi
  if [ $end = 100 ]; then by_nc "$1" "$2"; end=$?; fi
  case $end in
    0) echo reached ;;
    100) echo no_program ;;
    124) echo "failed no answer within $seconds s" ;;
    *) echo "failed $(printf '%s\n' "$said" | head -n 1)" ;;
  esac
  shift 2
done
)sh";

/// Nanoseconds since 1970 have room until the year 2262.
constexpr std::int64_t last_second = 9'000'000'000;

Arguments in_shell(const char* script, std::span<const std::string> arguments) {
  Arguments command{"env", "LC_ALL=C", "sh", "-c", script, "sh"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// An answer, line by line.
class Lines {
public:
  explicit Lines(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }

  std::string_view take() {
    if (text_.empty()) throw std::invalid_argument("the answer ends too early");
    const auto end = std::min(text_.find('\n'), text_.size());
    const auto line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return line;
  }

  /// `WORD VALUE`, its value.
  std::string_view take(std::string_view word) {
    const auto line = take();
    if (!line.starts_with(word) || (line.size() > word.size() && line[word.size()] != ' ')) wrong(line);
    return line.substr(std::min(word.size() + 1, line.size()));
  }

  void must_end() {
    if (!at_end()) wrong(take());
  }

  [[noreturn]] static void wrong(std::string_view line) {
    throw std::invalid_argument("not an answer: '" + std::string(line.substr(0, 60)) + "'");
  }

private:
  std::string_view text_;
};

bool yes_or_no(std::string_view word) {
  if (word != "yes" && word != "no") Lines::wrong(word);
  return word == "yes";
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stopped != end || value < 0) Lines::wrong(text);
  return value;
}

/// `{ path=PATH ; argv[]=… ; ignore_errors=no ; … }` as systemctl prints it; a failure that is ignored needs
/// no program.
void take_program(std::string_view value, std::vector<std::string>& programs) {
  constexpr std::string_view before = "{ path=";
  const auto end = value.find(" ; argv[]=");
  if (!value.starts_with(before) || end == std::string_view::npos) return;
  if (value.rfind(" ; ignore_errors=yes ; ") != std::string_view::npos) return;
  const auto path = value.substr(before.size(), end - before.size());
  if (path.starts_with('/')) programs.emplace_back(path);
}

/// `PATH (ignore_errors=no)`.
void take_file(std::string_view value, std::vector<std::string>& files) {
  constexpr std::string_view after = " (ignore_errors=no)";
  if (value.starts_with('/') && value.ends_with(after))
    files.emplace_back(value.substr(0, value.size() - after.size()));
}

void take_property(std::string_view name, std::string_view value, Needs& needs, bool& elsewhere) {
  if (name == "CanStart") needs.may_be_started = value != "no";
  if (name == "User") needs.user = value;
  if (name == "DynamicUser" && value == "yes") needs.user.clear();
  if (name == "EnvironmentFiles") take_file(value, needs.files);
  if (name == "ExecStart" || name == "ExecStartPre") take_program(value, needs.programs);
  if (name == "WorkingDirectory" && value.starts_with('/')) needs.folder = value; // `!/x` may be missing
  if ((name == "RootDirectory" || name == "RootImage") && !value.empty() && value != "/") elsewhere = true;
}

} // namespace

Arguments clock_command() {
  return {"date", "+%s.%N"};
}

HostClock read_clock(std::string_view output) {
  Lines lines(output);
  const auto line = lines.take();
  lines.must_end();
  const auto dot = line.find('.');
  const auto seconds = number(line.substr(0, dot));
  if (seconds > last_second) Lines::wrong(line);
  HostClock clock{std::chrono::seconds(seconds), std::chrono::seconds(1)};
  const auto fraction = dot == std::string_view::npos ? "" : line.substr(dot + 1);
  // Not every date knows %N.
  if (fraction.size() != 9 || fraction.find_first_not_of("0123456789") != std::string_view::npos)
    return clock;
  clock.since_1970 += std::chrono::nanoseconds(number(fraction));
  clock.precision = std::chrono::nanoseconds(0);
  return clock;
}

Arguments who_command(std::span<const std::string> units) {
  return in_shell(who_script, units);
}

Who read_who(std::string_view output, std::size_t units) {
  Lines lines(output);
  Who who;
  who.is_root = number(lines.take("uid")) == 0;
  who.user = lines.take("user");
  who.has_polkit = yes_or_no(lines.take("polkit"));
  who.rules_readable = yes_or_no(lines.take("readable"));
  for (std::size_t i = 0; i < units; ++i)
    who.rules.emplace_back(lines.take("rule"));
  lines.must_end();
  return who;
}

Arguments sudo_command(std::span<const std::string> units) {
  return in_shell(sudo_script, units);
}

std::vector<SudoRights> read_sudo(std::string_view output, std::size_t units) {
  if (output == "none\n") return {};
  Lines lines(output);
  std::vector<SudoRights> rights(units);
  for (auto& one : rights)
    for (auto* right : {&one.start, &one.stop, &one.restart})
      *right = yes_or_no(lines.take());
  lines.must_end();
  return rights;
}

Arguments needs_command(std::span<const std::string> units) {
  return in_shell(needs_script, units);
}

std::vector<Needs> read_needs(std::string_view output, std::size_t units) {
  Lines lines(output);
  std::vector<Needs> all;
  bool elsewhere = false;
  const auto close = [&] { // paths below a root of the unit's own can't be looked at
    if (elsewhere && !all.empty()) all.back() = {all.back().may_be_started, "", {}, {}, ""};
    elsewhere = false;
  };
  while (!lines.at_end()) {
    const auto line = lines.take();
    if (line == "[unit]") {
      close();
      all.emplace_back();
      continue;
    }
    const auto equals = line.find('=');
    if (line.empty()) continue;
    if (equals == std::string_view::npos || all.empty()) Lines::wrong(line);
    take_property(line.substr(0, equals), line.substr(equals + 1), all.back(), elsewhere);
  }
  close();
  if (all.size() != units) throw std::invalid_argument("not every unit is answered for");
  return all;
}

std::string_view to_string(Thing::Kind kind) {
  switch (kind) {
  case Thing::Kind::program: return "program";
  case Thing::Kind::file: return "file";
  case Thing::Kind::folder: return "folder";
  case Thing::Kind::user: return "user";
  }
  return "file";
}

Arguments presence_command(std::span<const Thing> things) {
  std::vector<std::string> words;
  for (const auto& thing : things) {
    words.emplace_back(to_string(thing.kind));
    words.push_back(thing.name);
  }
  return in_shell(presence_script, words);
}

std::vector<Presence> read_presence(std::string_view output, std::size_t things) {
  Lines lines(output);
  std::vector<Presence> found;
  for (std::size_t i = 0; i < things; ++i) {
    const auto word = lines.take();
    if (word == "there")
      found.push_back(Presence::there);
    else if (word == "missing")
      found.push_back(Presence::missing);
    else if (word == "unusable")
      found.push_back(Presence::unusable);
    else if (word == "unknown")
      found.push_back(Presence::unknown);
    else
      Lines::wrong(word);
  }
  lines.must_end();
  return found;
}

std::optional<Address> tcp_address(std::string_view endpoint) {
  constexpr std::string_view scheme = "tcp://";
  const auto colon = endpoint.rfind(':');
  if (!endpoint.starts_with(scheme) || colon < scheme.size()) return std::nullopt;
  auto host = endpoint.substr(scheme.size(), colon - scheme.size());
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) host = host.substr(1, host.size() - 2);
  return Address{std::string(host), std::string(endpoint.substr(colon + 1))};
}

bool is_own_address(const Address& address) {
  return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.") ||
         address.host == "*" || address.host == "0.0.0.0" || address.host == "::";
}

Arguments reach_command(std::span<const Address> addresses) {
  std::vector<std::string> words{std::to_string(reach_timeout.count())};
  for (const auto& address : addresses)
    words.insert(words.end(), {address.host, address.port});
  return in_shell(reach_script, words);
}

std::vector<Reach> read_reach(std::string_view output, std::size_t addresses) {
  Lines lines(output);
  std::vector<Reach> found;
  for (std::size_t i = 0; i < addresses; ++i) {
    const auto line = lines.take();
    if (line == "reached") {
      found.push_back({Reach::End::reached, ""});
    } else if (line == "no_program") {
      found.push_back({Reach::End::no_program, ""});
    } else if (line.starts_with("failed ")) {
      // bash: connect: Connection refused
      const auto colon = line.rfind(": ");
      found.push_back(
          {Reach::End::failed, std::string(line.substr(colon == std::string_view::npos ? 7 : colon + 2))});
    } else {
      Lines::wrong(line);
    }
  }
  lines.must_end();
  return found;
}

} // namespace controller::probes
