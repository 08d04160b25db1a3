#include "ssh/alike_hosts.hpp"

#include "ssh/config_outline.hpp"
#include "ssh/error.hpp"
#include "ssh/known_hosts_file.hpp"
#include "ssh/unique_fd.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>

namespace ssh {

namespace {

bool is_plain_character(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' ||
         byte == '_';
}

/// An IPv4 address as inet_ntop(3) writes it.
bool is_canonical_address(const std::string& host) {
  in_addr address{};
  std::array<char, INET_ADDRSTRLEN> text{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         ::inet_ntop(AF_INET, &address, text.data(), text.size()) != nullptr && host == text.data();
}

bool is_numeric(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

/// A name that ssh takes and prints as it is: OpenSSH writes names in lower case and addresses anew.
bool is_plain(const std::string& host) {
  const auto is_edge = [](char byte) { return byte != '.' && byte != '-' && byte != '_'; };
  if (host.empty() || !is_edge(host.front()) || !is_edge(host.back()) ||
      !std::all_of(host.begin(), host.end(), is_plain_character))
    return false;
  return is_canonical_address(host) || !is_numeric(host);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

/// A regular file's text; nullopt where it can't be had.
std::optional<std::string> text_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  try {
    return known_hosts::read_file(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The outline of what ssh has read. It names each file as it opens it; those of a Host block that does not
/// fit as well.
std::optional<ConfigOutline> outline_of(const ProgramResult& said) {
  constexpr std::string_view reading = "debug1: Reading configuration data ";
  if (said.end != ProgramResult::End::exited || said.exit_status != 0) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto line : lines_of(said.error_output)) {
    if (!line.starts_with(reading)) continue;
    auto text = text_of(std::string(line.substr(reading.size())));
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  // There is always the machine's own file; where none is named, the words have changed.
  return texts.empty() ? std::nullopt : ConfigOutline::of(texts);
}

bool is_part_of_name(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0;
}

bool mentions(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const auto end = at + name.size();
    const bool begins = at == 0 || !is_part_of_name(text[at - 1]);
    if (begins && (end == text.size() || !is_part_of_name(text[end]))) return true;
  }
  return false;
}

/// The dump of one host as another's. nullopt where it is not sure that only the name differs: the first
/// dials another name, is reached by others, or is named in a value.
std::optional<std::string> dump_for(const std::string& other, const std::string& host,
                                    std::string_view dump) {
  std::string result;
  bool named = false;
  for (const auto line : lines_of(dump)) {
    const auto blank = std::min(line.find(' '), line.size());
    const auto keyword = line.substr(0, blank);
    const auto value = line.substr(std::min(blank + 1, line.size()));
    const bool is_name = keyword == "host" || keyword == "hostname";
    if (is_name ? value != host : mentions(value, host)) return std::nullopt;
    if ((keyword == "proxyjump" || keyword == "proxycommand") && value != "none") return std::nullopt;
    named = named || keyword == "hostname";
    result.append(keyword).append(" ").append(is_name ? other : value).append("\n");
  }
  return named ? std::optional(std::move(result)) : std::nullopt;
}

/// One call.
class Asking {
public:
  Asking(std::span<const Target> targets, const AskSsh& ask)
      : targets_(targets), ask_(ask), results_(targets.size()) {}

  std::vector<ProgramResult> all() {
    const auto first = std::find_if(targets_.begin(), targets_.end(),
                                    [](const auto& target) { return is_plain(target.host); });
    std::vector<std::size_t> each;
    if (first == targets_.end()) {
      for (std::size_t i = 0; i < targets_.size(); ++i)
        each.push_back(i);
      ask(each, false);
      return std::move(results_);
    }
    const auto at = static_cast<std::size_t>(first - targets_.begin());
    ask({at}, true);
    sort_by_kind(at, outline_of(results_[at]));
    ask(asked_, false);
    for (const auto& [kind, members] : members_) {
      for (const auto member : members) {
        if (!take_over(firsts_.at(kind), member)) each.push_back(member);
      }
    }
    ask(each, false);
    return std::move(results_);
  }

private:
  void ask(const std::vector<std::size_t>& which, bool verbose) {
    if (which.empty()) return;
    std::vector<Target> targets;
    for (const auto at : which)
      targets.push_back(targets_[at]);
    auto results = ask_(targets, verbose);
    for (std::size_t i = 0; i < which.size(); ++i)
      results_[which[i]] = std::move(results[i]);
  }

  /// What is asked as well with the target, and the kind of its host.
  [[nodiscard]] std::optional<std::string> kind_of(const Target& target,
                                                   const std::optional<ConfigOutline>& outline) const {
    if (!outline || !is_plain(target.host)) return std::nullopt;
    const auto kind = outline->kind(target.host);
    if (!kind) return std::nullopt;
    return *kind + (target.port ? ":" + std::to_string(*target.port) : "") +
           (target.user ? "@" + *target.user : "");
  }

  /// The first of each kind is to be asked, and whoever has none; `done` has been already.
  void sort_by_kind(std::size_t done, const std::optional<ConfigOutline>& outline) {
    if (const auto kind = kind_of(targets_[done], outline)) firsts_[*kind] = done;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (i == done) continue;
      const auto kind = kind_of(targets_[i], outline);
      if (kind && !firsts_.try_emplace(*kind, i).second)
        members_[*kind].push_back(i);
      else
        asked_.push_back(i);
    }
  }

  bool take_over(std::size_t from, std::size_t to) {
    const auto& known = results_[from];
    if (known.end != ProgramResult::End::exited || known.exit_status != 0) return false;
    auto dump = dump_for(targets_[to].host, targets_[from].host, known.output);
    if (!dump) return false;
    results_[to].end = known.end;
    results_[to].output = std::move(*dump);
    return true;
  }

  std::span<const Target> targets_;
  const AskSsh& ask_;
  std::vector<ProgramResult> results_;
  std::map<std::string, std::size_t> firsts_;
  std::map<std::string, std::vector<std::size_t>> members_;
  std::vector<std::size_t> asked_;
};

/// As execvp(3) finds it.
std::optional<std::string> path_of_ssh() {
  const char* const path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "" : path;
  while (!folders.empty()) {
    const auto end = std::min(folders.find(':'), folders.size());
    auto file = std::string(folders.substr(0, end)) + "/ssh";
    folders.remove_prefix(std::min(end + 1, folders.size()));
    if (file.front() == '/' && ::access(file.c_str(), X_OK) == 0) return file;
  }
  return std::nullopt;
}

} // namespace

std::vector<ProgramResult> ask_once_for_alike(std::span<const Target> targets, const AskSsh& ask) {
  return Asking(targets, ask).all();
}

bool ssh_is_no_script() {
  const auto path = path_of_ssh();
  if (!path) return false;
  const UniqueFd fd(::open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::array<char, 4> begin{};
  return fd && ::read(fd.get(), begin.data(), begin.size()) == static_cast<ssize_t>(begin.size()) &&
         std::string_view(begin.data(), begin.size()) == "\x7f"
                                                         "ELF";
}

} // namespace ssh
