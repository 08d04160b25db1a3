#include "tests/bench/registry.hpp"

#include "tests/bench/lookup_load.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

std::vector<std::string> command(const std::string& program, const Directory& directory,
                                 Registry::State state, const std::string& endpoint,
                                 const std::string& configuration) {
  const std::string config = directory.path() + "/registry.json";
  std::ofstream(config) << configuration;
  std::vector<std::string> words = {program, "--config", config, "registry", "serve", "--endpoint", endpoint};
  if (state == Registry::State::in_memory) {
    words.emplace_back("--in-memory");
  } else {
    words.emplace_back("--data-dir");
    words.push_back(directory.path() + "/data");
  }
  return words;
}

} // namespace

Directory::Directory(const std::string& program) {
  std::string name = (std::filesystem::absolute(program).parent_path() / "bench-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  path_ = name;
}

Directory::~Directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Registry::Registry(const std::string& program, const Directory& directory, State state,
                   const std::string& configuration)
    : endpoint_(free_endpoint()), started_(std::chrono::steady_clock::now()),
      child_(command(program, directory, state, endpoint_, configuration)) {}

double Registry::memory() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  throw std::runtime_error("no VmRSS");
}

nlohmann::json Registry::counts() const {
  return nlohmann::json::parse(ask(endpoint_, R"({"message_type":"RegistryInfo"})")).at("counts");
}

} // namespace bench
