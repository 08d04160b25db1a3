#include "systemd_units/ordered_calls.hpp"

#include "systemd_units/systemctl_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace systemd_units {
namespace {

/// `others` makes the first of the calls that are left, its words going to `hear` in a pipe. That numbers
/// them for the reader (`1+` queued, `1:WORDS`, `1=STATUS`), and begins the rest in the background as soon as
/// the call's job is queued, or when the call has ended and was not refused. Where nobody reads any more,
/// what begins the rest dies of its own word before. Lines of the debug log (see debug_log) are not passed
/// on: a shell reads byte by byte, so once nothing is to be decided any more, sed goes on in its place.
constexpr std::string_view script_before_refusals = R"sh(
verb=$1; option=$2; number=-1; shift 2;
others() {
  [ $# -gt 0 ] || return 0;
  number=$((number + 1)); unit=$1; shift;
  { systemctl --no-ask-password "$verb" ${option:+"$option"} -- "$unit" 2>&1 </dev/null; printf '\n=%s\n' $?; } |
    hear "$@";
};
hear() {
  stands=asked;
  while IFS= read -r line; do
    case $line in
      "") ;;
      "<"[0-9]*">Adding /org/freedesktop/systemd1/job/"*)
        printf '%s+\n' $number || exit;
        others "$@" &
        sed -e "/^<7>/d; /^<15>/d; /^<31>/d; /^\$/d; s/^=/$number=/; t" -e "s/^/$number:/";
        wait; return ;;
      "<7>"*|"<15>"*|"<31>"*) ;;
      =*) printf '%s%s\n' $number "$line" || exit ;;
      )sh";
constexpr std::string_view script_after_refusals = R"sh()
        printf '%s:%s\n' $number "$line" || exit;
        stands=refused ;;
      *) printf '%s:%s\n' $number "$line" || exit ;;
    esac;
  done;
  case $stands in asked) others "$@" ;; esac;
};
others "$@"
)sh";

/// Each call in the background, its lines numbered as those above are.
constexpr std::string_view sudo_script = R"sh(
verb=$1; option=$2; number=0; shift 2;
for unit; do
  { sudo -n /usr/bin/systemctl --no-ask-password "$verb" ${option:+"$option"} "$unit" 2>&1 </dev/null;
    printf '\n=%s\n' $?; } |
    sed -e "/^\$/d; s/^=/$number=/; t" -e "s/^/$number:/" &
  number=$((number + 1));
done;
wait
)sh";

/// systemctl says that a job is queued in its debug log alone (measured with systemd 252: --show-transaction
/// says it too, by a call that the system bus lets root make alone). Each line begins with its level
/// (sd-daemon(3)), of which debug is 7 in whatever facility.
constexpr std::array<const char*, 2> debug_log{"SYSTEMD_LOG_LEVEL=debug",
                                               "SYSTEMD_LOG_TARGET=console-prefixed"};

/// As every login shell takes it.
std::string on_one_line(std::string script) {
  std::replace(script.begin(), script.end(), '\n', ' ');
  return script;
}

std::string script() {
  std::string text(script_before_refusals);
  const char* separator = "";
  for (const auto phrase : refusals_by_systemd()) {
    text += separator + ("*\"" + std::string(phrase) + "\"*");
    separator = "|";
  }
  text += script_after_refusals;
  return on_one_line(std::move(text));
}

/// A shell that runs the script for these.
void add_shell(std::vector<std::string>& command, std::string script, const Request& request,
               std::span<const std::string> units) {
  if (units.empty()) throw std::invalid_argument("no units to make calls for");
  const auto option = request.verb == Verb::kill ? "--signal=" + request.signal : "";
  command.insert(command.end(),
                 {"sh", "-c", std::move(script), "sh", std::string(to_string(request.verb)), option});
  command.insert(command.end(), units.begin(), units.end());
}

/// `<27>Failed to start …`
std::string_view without_level(std::string_view line) {
  if (!line.starts_with('<')) return line;
  const auto end = line.find_first_not_of("0123456789", 1);
  return end != std::string_view::npos && end > 1 && line[end] == '>' ? line.substr(end + 1) : line;
}

void take_line(std::string_view line, std::vector<OrderedCall>& calls) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc{} || number >= calls.size()) return;
  line.remove_prefix(static_cast<std::size_t>(rest - line.data()));
  if (line.empty()) return;
  auto& call = calls[number];
  const char kind = line.front();
  line.remove_prefix(1);
  if (kind == '+') {
    call.was_queued = true;
  } else if (kind == ':') {
    call.words += (call.words.empty() ? "" : "\n") + std::string(without_level(line));
  } else if (kind == '=') {
    int status = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), status).ec == std::errc{})
      call.exit_status = status;
  } else {
    return;
  }
  call.was_made = true;
}

} // namespace

bool OrderedCall::was_refused() const {
  return exit_status.value_or(0) != 0 && !was_queued && says_no_privilege(words);
}

std::vector<std::string> ordered_calls_command(const Request& request, std::span<const std::string> units) {
  std::vector<std::string> command{"env", "LC_ALL=C"};
  if (has_job(request.verb)) command.insert(command.end(), debug_log.begin(), debug_log.end());
  add_shell(command, script(), request, units);
  return command;
}

std::vector<std::string> sudo_calls_command(const Request& request, std::span<const std::string> units) {
  std::vector<std::string> command{"env", "LC_ALL=C"};
  add_shell(command, on_one_line(std::string(sudo_script)), request, units);
  return command;
}

std::vector<OrderedCall> parse_ordered_calls(std::string_view output, std::size_t units) {
  std::vector<OrderedCall> calls(units);
  // What is behind the last line's end was cut off.
  for (auto end = output.find('\n'); end != std::string_view::npos; end = output.find('\n')) {
    take_line(output.substr(0, end), calls);
    output.remove_prefix(end + 1);
  }
  return calls;
}

} // namespace systemd_units
