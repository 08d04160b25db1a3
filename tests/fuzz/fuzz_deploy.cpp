// The readers of deploy's answers take any bytes: as much as was asked for, or they say that it is no answer.
// A difference is empty where there is none, and its lines are those of the two files.

#include "controller/deploy_probes.hpp"
#include "controller/unified_diff.hpp"
#include "systemd_units/written.hpp"

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace {

namespace deploying = controller::deploying;

void survey(std::string_view text, std::size_t wanted) {
  deploying::SurveyQuestion question;
  question.units.resize(wanted);
  question.files.resize(wanted);
  try {
    const auto found = deploying::read_survey(text, question);
    if (found.units.size() != wanted || found.files.size() != wanted) std::abort();
    for (const auto& other : found.others)
      if (other.path.empty() || deploying::state_of(other.file).empty()) std::abort();
  } catch (const std::invalid_argument&) {
  }
}

void change(std::string_view text) {
  try {
    (void)deploying::read_change(text);
  } catch (const std::invalid_argument&) {
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  survey(text, data[0] % 3U);
  change(text);
  (void)systemd_units::author_of(text);
  const auto half = text.size() / 2;
  const auto before = text.substr(0, half);
  const auto after = text.substr(half);
  if (controller::unified_diff(before, after, "a", "b").empty() != (before == after)) std::abort();
  return 0;
}
