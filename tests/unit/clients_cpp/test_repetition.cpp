#include "clients/cpp/src/repetition.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace actors::registry;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// When it is sent again, in milliseconds from the beginning, by who looks every 10 ms.
std::vector<int> times(milliseconds timeout) {
  const Clock::time_point begin{};
  Repetition repetition(Repeat::yes, begin, begin + timeout);
  std::vector<int> times;
  for (milliseconds now(0); now < timeout; now += milliseconds(10)) {
    if (repetition.is_due(begin + now)) times.push_back(static_cast<int>(now.count()));
  }
  return times;
}

} // namespace

TEST_CASE("the first time is after a fifth, a second at most, the next ones after twice the time before") {
  CHECK(times(seconds(5)) == std::vector{1000, 3000});
  CHECK(times(milliseconds(1500)) == std::vector{300, 900});
  CHECK(times(seconds(40)) == std::vector{1000, 3000, 7000, 15000, 31000});
}

TEST_CASE("who looks late sends once, and counts from there") {
  const Clock::time_point begin{};
  Repetition repetition(Repeat::yes, begin, begin + seconds(100));
  CHECK_FALSE(repetition.has_begun());
  CHECK(repetition.next() == begin + seconds(1));
  CHECK(repetition.is_due(begin + seconds(20)));
  CHECK(repetition.has_begun());
  CHECK(repetition.next() == begin + seconds(22));
  CHECK_FALSE(repetition.is_due(begin + seconds(21)));
}

TEST_CASE("what is not to be sent again is not") {
  const Clock::time_point begin{};
  Repetition repetition(Repeat::no, begin, begin + seconds(5));
  CHECK_FALSE(repetition.is_due(begin + seconds(4)));
  CHECK_FALSE(repetition.has_begun());
}
