using SqueezeBert.Evaluation.Data;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Training.Data;

/// <summary>Splits texts into examples of a form, without the excluded sentences. Random choices depend only on the text.</summary>
internal sealed class TextPieces(TextForm form, ExcludedTexts excluded)
{
    private const int MinSpan = 3;
    private const int MaxSpan = 12;

    /// <summary>Returns whether a text belongs to the share of the file that is read.</summary>
    /// <param name="text">The text, as it is in the file.</param>
    /// <param name="sample">The share, 0 to 1.</param>
    public bool IsSampled(string text, double sample) =>
        sample >= 1 || (HashedNumbers.Mix(Key(text)) >> 11) * (1.0 / (1UL << 53)) < sample;

    /// <summary>Adds the examples of a text.</summary>
    public void Cut(string text, List<string> pieces)
    {
        if (!HasWord(text) || excluded.Contains(text)) return;
        var sentences = SentenceSplitter.Split(text).Where(HasWord).ToList();
        var all = sentences.Count;
        sentences.RemoveAll(excluded.Contains);
        switch (form)
        {
            case TextForm.Sentences:
                pieces.AddRange(sentences);
                break;
            case TextForm.Spans:
                foreach (var sentence in sentences) Spans(sentence, pieces);
                break;
            case TextForm.Passages:
                Passages(sentences, Key(text), pieces);
                break;
            default:
                if (sentences.Count == all) pieces.Add(text.Trim());
                else if (sentences.Count > 0) pieces.Add(string.Join(' ', sentences));
                break;
        }
    }

    private static void Spans(string sentence, List<string> pieces)
    {
        var words = sentence.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var key = HashedNumbers.Hash(sentence);
        for (var start = 0; words.Length - start >= MinSpan;)
        {
            key = HashedNumbers.Mix(key);
            var count = Math.Min(words.Length - start, MinSpan + (int)(key % (MaxSpan - MinSpan + 1)));
            pieces.Add(string.Join(' ', words, start, count));
            start += count;
        }
    }

    private static void Passages(List<string> sentences, ulong key, List<string> pieces)
    {
        for (var start = 0; sentences.Count - start >= 2;)
        {
            key = HashedNumbers.Mix(key);
            var count = Math.Min(sentences.Count - start, 2 + (int)(key & 1));
            pieces.Add(string.Join(' ', sentences.GetRange(start, count)));
            start += count;
        }
    }

    private static bool HasWord(string text) => text.AsSpan().ContainsAny(Letters) || text.Any(char.IsLetterOrDigit);

    // Most texts are told by a letter that is found at once.
    private static readonly System.Buffers.SearchValues<char> Letters = System.Buffers.SearchValues.Create("aeiou");

    private ulong Key(string text) => HashedNumbers.Hash(text) ^ HashedNumbers.Hash(form.ToString());
}
