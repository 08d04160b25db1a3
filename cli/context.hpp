#pragma once

#include "actors/registry/RegistryQuery.hpp"
#include "config/config.hpp"
#include "controller/registry_view.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cli {

/// Options that every command takes, as they were given.
struct GlobalOptions {
  std::string config;
  std::string registry;
  std::optional<double> timeout_s;
  bool json = false;
  std::string color = "auto";
  bool verbose = false;
};

/// Where the registry is and who says so.
struct RegistryAddress {
  std::vector<std::string> endpoints;
  std::string origin;   ///< `--registry`, `REGISTRY_ENDPOINT`, `FILE: registry_connect`, …
  std::string key = {}; ///< of the configuration, where that says so
};

/// Which configuration, and who says so.
struct ConfigSource {
  std::string path;
  std::string named_by; ///< `--config`, `REGISTRY_CONFIG`; empty: nobody named it, it is the default
};

/// The configuration can't be read: what and why, and who named it.
class ConfigUnreadable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a command is given beside its own options.
class Context {
public:
  GlobalOptions options;
  std::function<int()> run; ///< the chosen command, set while parsing
  bool json_lines = false;  ///< with --json it prints one object a line, so a failure is one too

  /// What stood on the command line after the first `--`; nullopt: there was none.
  std::optional<std::vector<std::string>> words;
  bool takes_words = false;     ///< the chosen command wants them; set before its options are read
  std::optional<int> own_fault; ///< the exit code for every fault, where the usual ones are another program's

  /// The configuration in force, read once. \throws config::Error, std::system_error where a named file is
  /// missing.
  const config::Config& config();

  /// The text that config() read; nullopt where there is no file. \throws as config() does.
  const std::optional<std::string>& config_text();

  /// By the same options, with the configuration as it is now in its file. \throws as config() does where
  /// that can't be read, and ConfigUnreadable where the one in force is a file's, and that is gone: the
  /// defaults would open what it closes.
  [[nodiscard]] Context again(const config::Config& in_force) const;

  [[nodiscard]] ConfigSource config_source() const;
  /// True where a file was named or the default one exists.
  [[nodiscard]] bool has_config() const;

  RegistryAddress registry();
  /// By which keys it is spoken to: REGISTRY_SERVER_KEY and REGISTRY_KEY_FILE; without them
  /// `security.client`, where the address is the configuration's too. \throws
  /// actors::registry::UnusableKeyError.
  actors::registry::CurveKeys registry_keys();
  /// What a program that we begin lacks in its environment to speak to it by the same keys:
  /// REGISTRY_SERVER_KEY and REGISTRY_KEY_FILE, where they come from `security.client`. Never a secret, but
  /// where it lies.
  std::vector<std::pair<std::string, std::string>> registry_keys_for_programs();
  /// The address with the keys, and the timeout for one question (5 s unless --timeout).
  controller::RegistryAccess registry_access();
  /// Asks there.
  actors::registry::RegistryQuery registry_query();
  /// `registry ENDPOINT (from ORIGIN): PROBLEM`
  std::string registry_problem(const std::string& problem);
  /// The same for a registry that gave no answer in time, with what to do.
  std::string registry_silence(std::chrono::milliseconds waited);
  /// Whichever of the two a view that is not reachable stands for.
  std::string registry_line(const controller::RegistryView& view);

  /// Whether standard output gets colours.
  [[nodiscard]] bool colours() const;
  /// Talk for people while a command works: standard error, if that is a terminal or with -v.
  void say(const std::string& line) const;

private:
  /// Whether `security.client` has a say: neither keys nor an address come from elsewhere.
  [[nodiscard]] bool takes_keys_of_the_config() const;
  [[nodiscard]] std::optional<std::string> read_config_text() const;
  [[nodiscard]] config::Config parsed(const std::optional<std::string>& text) const;

  std::optional<std::optional<std::string>> config_text_;
  std::optional<config::Config> config_;
};

} // namespace cli
