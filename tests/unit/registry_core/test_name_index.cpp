#include "registry_core/name_index.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <random>
#include <string>

using namespace registry_core;

namespace {

struct Element {
  std::string text;
  Element* next_hashed = nullptr;
  std::uint32_t hashed = 0;
  [[nodiscard]] std::string_view name() const { return text; }
};

} // namespace

TEST_CASE("names are found while the index grows, and not after they have gone") {
  NameIndex<Element> index;
  std::map<std::string, std::unique_ptr<Element>> there;
  std::mt19937 random(5);
  for (int step = 0; step < 200'000; ++step) {
    const std::string name = "A" + std::to_string(random() % 20'000);
    const auto known = there.find(name);
    REQUIRE(index.find(name) == (known == there.end() ? nullptr : known->second.get()));
    if (known == there.end()) {
      auto element = std::make_unique<Element>();
      element->text = name;
      index.insert(*element);
      there.emplace(name, std::move(element));
    } else if (random() % 3 == 0) {
      index.erase(*known->second);
      there.erase(known);
    }
    REQUIRE(index.size() == there.size());
  }
  for (const auto& [name, element] : there)
    REQUIRE(index.find(name) == element.get());
}
