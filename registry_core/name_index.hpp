#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>

namespace registry_core {

/// A hash that peers can't aim at: its key is random and of this process (SipHash).
std::uint64_t hash_of_name(std::string_view name) noexcept;

/// Finds elements by name. They are the caller's, and hold their own links: `name()`, `hashed`,
/// `next_hashed`.
///
/// It grows a few buckets at a time, so that no insertion ever waits for all names to be moved.
template<typename Element>
class NameIndex {
public:
  NameIndex() : table_(first_size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Element* find(std::string_view name) const noexcept {
    const std::uint64_t hash = hash_of_name(name);
    for (Element* one = *bucket_of(hash); one; one = one->next_hashed) {
      if (one->hashed == static_cast<std::uint32_t>(hash >> shift) && one->name() == name) return one;
    }
    return nullptr;
  }

  /// \pre its name is not there.
  void insert(Element& element) {
    if (size_ >= table_.size && !growing()) grow();
    move_some();
    const std::uint64_t hash = hash_of_name(element.name());
    element.hashed = static_cast<std::uint32_t>(hash >> shift);
    Element** const bucket = bucket_of(hash);
    element.next_hashed = *bucket;
    *bucket = &element;
    ++size_;
  }

  /// \pre it is there.
  void erase(Element& element) noexcept {
    Element** link = bucket_of(hash_of_name(element.name()));
    while (*link != &element)
      link = &(*link)->next_hashed;
    *link = element.next_hashed;
    --size_;
  }

private:
  static constexpr std::size_t first_size = 64; // a power of two, like every size
  static constexpr std::size_t moved_at_a_time = 8;
  /// Buckets are chosen by the low 32 bits of a hash; elements keep the others, which tell most of a bucket
  /// apart without a look at the names.
  static constexpr int shift = 32;

  struct Free {
    void operator()(Element** memory) const noexcept { std::free(memory); }
  };
  struct Table {
    explicit Table(std::size_t buckets)
        // The kernel's zeroed pages come as they are touched: a table of many megabytes costs nothing at
        // once.
        : memory(static_cast<Element**>(std::calloc(buckets, sizeof(Element*)))), size(buckets) {
      if (!memory) throw std::bad_alloc();
    }
    std::unique_ptr<Element*, Free> memory;
    std::size_t size;
    [[nodiscard]] Element** bucket(std::uint64_t hash) const noexcept {
      return memory.get() + (hash & (size - 1));
    }
  };

  [[nodiscard]] bool growing() const noexcept { return old_ != nullptr; }
  [[nodiscard]] Element** bucket_of(std::uint64_t hash) const noexcept {
    if (growing() && (hash & (old_->size - 1)) >= moved_) return old_->bucket(hash);
    return table_.bucket(hash);
  }
  void grow() {
    Table larger(table_.size * 2);
    old_ = std::make_unique<Table>(std::move(table_));
    table_ = std::move(larger);
    moved_ = 0;
  }
  void move_some() noexcept {
    if (!growing()) return;
    for (std::size_t i = 0; i < moved_at_a_time && moved_ < old_->size; ++i)
      move_bucket();
    if (moved_ == old_->size) old_.reset();
  }
  void move_bucket() noexcept {
    Element* one = old_->memory.get()[moved_++];
    while (one) {
      Element* const next = one->next_hashed;
      Element** const bucket = table_.bucket(hash_of_name(one->name()));
      one->next_hashed = *bucket;
      *bucket = one;
      one = next;
    }
  }

  Table table_;
  std::unique_ptr<Table> old_; ///< while growing: its buckets before moved_ are empty
  std::size_t moved_ = 0;
  std::size_t size_ = 0;
};

} // namespace registry_core
