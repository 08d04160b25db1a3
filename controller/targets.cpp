#include "controller/targets.hpp"

#include "config/rules.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace controller {
namespace {

std::string file_of(const config::Config& config) {
  return config.path.empty() ? "the configuration" : config.path;
}

/// What was probably meant, and where to see all; the texts of `known` end before this does.
std::string see_instead(const std::string& text, const std::vector<std::string>& known, const char* command) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto near = config::nearest(text, views);
  const std::string meant = near.empty() ? "" : " (did you mean '" + std::string(near) + "'?)";
  return meant + "; see: actorsctl " + command;
}

bool fits(const std::string& glob, const std::string& text) {
  return fnmatch(glob.c_str(), text.c_str(), 0) == 0;
}

/// One `ID` or `HOST/ID` pattern.
class Pattern {
public:
  explicit Pattern(const std::string& text) {
    const auto slash = text.find('/');
    host_ = slash == std::string::npos ? "*" : text.substr(0, slash);
    id_ = slash == std::string::npos ? text : text.substr(slash + 1);
  }
  [[nodiscard]] bool names(const config::Host& host, const config::Manager& manager) const {
    return id_ == manager.id && (host_ == "*" || fits(host_, host.name));
  }
  [[nodiscard]] bool takes(const config::Host& host, const config::Manager& manager) const {
    return names(host, manager) || (fits(host_, host.name) && fits(id_, manager.id));
  }

private:
  std::string host_, id_;
};

/// Whether each manager is chosen, and how.
enum class Choice { no, by_glob, by_name };

using Choices = std::map<const config::Manager*, Choice>;

template<typename Visit>
void each_manager(const config::Config& config, Visit visit) {
  for (const auto& host : config.hosts)
    for (const auto& manager : host.managers)
      visit(host, manager);
}

/// All that a pattern like this one could name.
std::vector<std::string> names_like(const config::Config& config, const std::string& pattern) {
  const bool with_host = pattern.find('/') != std::string::npos;
  std::vector<std::string> names;
  each_manager(config, [&](const auto& host, const auto& manager) {
    names.push_back(with_host ? host.name + "/" + manager.id : manager.id);
  });
  return names;
}

void choose(const config::Config& config, const std::string& text, Choices& choices) {
  const Pattern pattern(text);
  bool any = false;
  each_manager(config, [&](const auto& host, const auto& manager) {
    if (!pattern.takes(host, manager)) return;
    any = true;
    auto& choice = choices[&manager];
    choice = std::max(choice, pattern.names(host, manager) ? Choice::by_name : Choice::by_glob);
  });
  if (!any)
    throw NoSuchName("no manager '" + text + "' in " + file_of(config) +
                     see_instead(text, names_like(config, text), "status"));
}

void exclude(const config::Config& config, const std::string& text, Choices& choices) {
  const Pattern pattern(text);
  bool any = false;
  each_manager(config, [&](const auto& host, const auto& manager) {
    if (!pattern.takes(host, manager)) return;
    any = true;
    choices[&manager] = Choice::no;
  });
  if (!any)
    throw NoSuchName("--exclude '" + text + "' fits no manager in " + file_of(config) +
                     see_instead(text, names_like(config, text), "status"));
}

} // namespace

std::vector<Chosen> select(const config::Config& config, const Selection& selection) {
  Choices choices;
  if (selection.all)
    each_manager(config, [&](const auto&, const auto& manager) { choices[&manager] = Choice::by_glob; });
  if (!selection.hosts.empty())
    for (const auto* host : select_hosts(config, selection.hosts))
      for (const auto& manager : host->managers)
        choices[&manager] = std::max(choices[&manager], Choice::by_glob);
  for (const auto& pattern : selection.patterns)
    choose(config, pattern, choices);
  for (const auto& pattern : selection.excludes)
    exclude(config, pattern, choices);
  std::vector<Chosen> chosen;
  each_manager(config, [&](const auto& host, const auto& manager) {
    const auto choice = choices.find(&manager);
    if (choice == choices.end() || choice->second == Choice::no) return;
    chosen.push_back({&host, &manager, choice->second == Choice::by_name});
  });
  return chosen;
}

std::vector<const config::Host*> select_hosts(const config::Config& config,
                                              const std::vector<std::string>& globs) {
  std::vector<const config::Host*> hosts;
  std::vector<std::string> names;
  for (const auto& host : config.hosts)
    names.push_back(host.name);
  for (const auto& glob : globs)
    if (std::none_of(names.begin(), names.end(), [&](const auto& name) { return fits(glob, name); }))
      throw NoSuchName("no host '" + glob + "' in " + file_of(config) + see_instead(glob, names, "hosts"));
  for (const auto& host : config.hosts)
    if (globs.empty() ||
        std::any_of(globs.begin(), globs.end(), [&](const auto& glob) { return fits(glob, host.name); }))
      hosts.push_back(&host);
  return hosts;
}

} // namespace controller
