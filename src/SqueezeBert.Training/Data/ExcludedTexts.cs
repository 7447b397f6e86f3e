using SqueezeBert.Evaluation.Data;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Texts that must not be trained on, such as those of a development set, and each of their sentences. Two texts are considered equal if
/// their letters and digits are equal, ignoring case.
/// </summary>
internal sealed class ExcludedTexts
{
    // Shorter sentences ("Yes, I do.") are everybody's.
    private const int MinSentenceLetters = 16;

    private readonly HashSet<ulong> _hashes = [];

    /// <summary>The number of excluded texts and sentences.</summary>
    public int Count => _hashes.Count;

    /// <summary>Adds a text and its sentences.</summary>
    public void Add(string text)
    {
        if (Hash(text, out var length) is var hash && length > 0) _hashes.Add(hash);
        foreach (var sentence in SentenceSplitter.Split(text))
        {
            var part = Hash(sentence, out var letters);
            if (letters >= MinSentenceLetters) _hashes.Add(part);
        }
    }

    /// <summary>Returns whether a text is excluded.</summary>
    public bool Contains(string text) => _hashes.Count > 0 && _hashes.Contains(Hash(text, out _));

    private static ulong Hash(string text, out int length)
    {
        ulong hash = 0;
        length = 0;
        foreach (var character in text)
        {
            if (!char.IsLetterOrDigit(character)) continue;
            hash = HashedNumbers.Mix(hash ^ char.ToLowerInvariant(character));
            length++;
        }

        return hash;
    }
}
