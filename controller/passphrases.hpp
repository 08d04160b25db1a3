#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace ssh {
class UnlockedKeys;
}

namespace controller {

/// Asks somebody for a passphrase: writes it into `answer`, with a NUL behind it. False where nobody answers.
using AskPassphrase = std::function<bool(const std::string& question, std::span<char> answer)>;

/// Who is asked for the passphrases of key files, in this process from now on; without this call nobody is. A
/// file is asked for once, whatever is reached how often. Only the first call counts. Any thread.
void ask_for_passphrases(AskPassphrase ask);

/// The keys that have been opened so; null where nobody is asked.
std::shared_ptr<ssh::UnlockedKeys> unlocked_keys();

} // namespace controller
