#include "examples/sample_manager/options.hpp"

#include <cstdlib>
#include <stdexcept>

namespace sample_manager {

const char* const usage =
    R"(Usage: sample_manager [--manager ID] [--registry ENDPOINT] [--actor NAME=ENDPOINT]...

A manager that does nothing but be one: it registers its actors, sends heartbeats, and counts
the messages that each actor's PULL socket receives, until TERM or INT.

  --manager ID             its name in the registry ($MANAGER_ID)
  --registry ENDPOINT      where the registry is ($REGISTRY_ENDPOINT, tcp://localhost:5555)
  --actor NAME=ENDPOINT    an actor and where its socket is bound; port * for any that is free
  --die-after SECONDS      ends without a word after that time
  --exit-status N          with that status (1)
  --silent                 never speaks to the registry
)";

namespace {

std::string from_environment(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value ? value : otherwise;
}

ActorOption parse_actor(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw std::invalid_argument("--actor " + text + ": expected NAME=ENDPOINT");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

template<typename Number, typename Parse>
Number parse_number(const std::string& option, const std::string& text, Parse parse) {
  try {
    std::size_t read = 0;
    const Number number = parse(text, &read);
    if (read == text.size() && number >= 0) return number;
  } catch (const std::logic_error&) { // it is no number, or out of range
  }
  throw std::invalid_argument(option + " " + text + ": expected a number");
}

void apply(Options& options, const std::string& option, const std::string& value) {
  if (option == "--manager") {
    options.manager_id = value;
  } else if (option == "--registry") {
    options.registry = value;
  } else if (option == "--actor") {
    options.actors.push_back(parse_actor(value));
  } else if (option == "--die-after") {
    const auto seconds = parse_number<double>(
        option, value, [](const std::string& text, std::size_t* read) { return std::stod(text, read); });
    options.die_after = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  } else if (option == "--exit-status") {
    options.exit_status = parse_number<int>(
        option, value, [](const std::string& text, std::size_t* read) { return std::stoi(text, read); });
  } else {
    throw std::invalid_argument("unknown option " + option);
  }
}

} // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  options.manager_id = from_environment("MANAGER_ID", "");
  options.registry = from_environment("REGISTRY_ENDPOINT", "tcp://localhost:5555");
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--silent") {
      options.silent = true;
    } else if (option == "--help") {
      options.help = true;
    } else if (i + 1 == argc) {
      throw std::invalid_argument(option.starts_with("--") ? option + " needs a value"
                                                           : "unexpected " + option);
    } else {
      apply(options, option, argv[++i]);
    }
  }
  if (options.manager_id.empty() && !options.help)
    throw std::invalid_argument("--manager or MANAGER_ID is needed");
  return options;
}

} // namespace sample_manager
