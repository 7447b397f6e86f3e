namespace SqueezeBert.Assistant.Values;

/// <summary>The words of a phrase in lower case, read from the left; a reader that fails puts the place back.</summary>
internal sealed class Phrase
{
    /// <summary>Characters that are looked at; no number, date or amount is longer.</summary>
    public const int MaxLength = 200;

    private readonly List<string> _words = [];

    public Phrase(string text)
    {
        var lower = text.Length > MaxLength ? text[..MaxLength].ToLowerInvariant() : text.ToLowerInvariant();
        for (var i = 0; i < lower.Length;)
        {
            var start = i;
            if (char.IsLetter(lower[i]))
            {
                // "o'clock" is a word; the dots of "a.m." are left out.
                while (i < lower.Length && (char.IsLetter(lower[i]) || (lower[i] == '\'' && i + 1 < lower.Length
                    && char.IsLetter(lower[i + 1])))) i++;
                _words.Add(lower[start..i]);
            }
            else if (char.IsAsciiDigit(lower[i]))
            {
                while (i < lower.Length && (char.IsAsciiDigit(lower[i]) || (lower[i] is '.' or ',' or ':' && i + 1 < lower.Length
                    && char.IsAsciiDigit(lower[i + 1])))) i++;
                _words.Add(lower[start..i]);
            }
            else
            {
                if (lower[i] is '-' or '$' or '€' or '£' or '¥' or '%' or '/') _words.Add(lower[i].ToString());
                i++;
            }
        }

        Join("a", "m", "am");
        Join("p", "m", "pm");
    }

    /// <summary>The word that is read next.</summary>
    public int Place { get; set; }

    /// <summary>Whether all words are read.</summary>
    public bool IsAtEnd => Place >= _words.Count;

    /// <summary>The next word; empty at the end.</summary>
    public string Peek(int ahead = 0) => Place + ahead < _words.Count ? _words[Place + ahead] : "";

    /// <summary>Reads the next word.</summary>
    public string Take() => _words[Place++];

    /// <summary>Reads the words if they come next.</summary>
    public bool Skip(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (Peek(i) != words[i]) return false;
        }

        Place += words.Length;
        return true;
    }

    /// <summary>Reads one of the words if it comes next.</summary>
    public bool SkipAny(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Skip(word)) return true;
        }

        return false;
    }

    // A hyphen or a dot between the two is gone already.
    private void Join(string first, string second, string joined)
    {
        for (var i = 1; i < _words.Count; i++)
        {
            if (_words[i - 1] != first || _words[i] != second) continue;
            _words[i - 1] = joined;
            _words.RemoveAt(i);
        }
    }
}
