using System.Diagnostics.CodeAnalysis;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// Normalized characters to words: cuts at white space and around punctuation. Holds one word, and of one that is too long for its handler
/// only the beginning.
/// </summary>
internal ref struct WordCutter<THandler> : INormalizedSink
    where THandler : struct, IWordHandler, allows ref struct
{
    private readonly NormalizedText _word;
    private readonly int _longest;
    private THandler _handler;
    private int _scalars;

    /// <param name="handler">Receives the words.</param>
    /// <param name="word">Holds a word; cleared.</param>
    internal WordCutter(THandler handler, NormalizedText word)
    {
        _handler = handler;
        _word = word;
        _longest = handler.LongestWord;
        word.Clear();
    }

    /// <summary>Whether the handler stopped the scan.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The handler, with the words so far.</summary>
    [UnscopedRef]
    internal ref THandler Handler => ref _handler;

    public void Append(int codePoint, int start, int end)
    {
        var kinds = UnicodeTables.ClassOf(codePoint) & (CharacterClass.WhiteSpace | CharacterClass.Punctuation);
        if (kinds == CharacterClass.None)
        {
            _word.AppendToWord(codePoint, start, end, ref _scalars, _longest);
            return;
        }

        EndWord();
        if ((kinds & CharacterClass.WhiteSpace) != 0)
            return;
        _word.Append(codePoint, start, end);
        _scalars = 1;
        EndWord();
    }

    /// <summary>Gives the word so far to the handler; false where the scan is stopped.</summary>
    internal bool EndWord()
    {
        if (_scalars > 0 && !IsStopped)
            IsStopped = !_handler.Normalized(_word, 0, _word.Length, _scalars);
        _word.Clear();
        _scalars = 0;
        return !IsStopped;
    }
}
