using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization;

/// <summary>Words to pieces, given to a sink.</summary>
internal ref struct PieceHandler<TSink> : IWordHandler
    where TSink : struct, ITokenSink, allows ref struct
{
    private readonly WordPieceModel _model;
    private readonly Scratch _scratch;
    private readonly char _lowerCaseBit;
    private TSink _sink;
    private int _word;

    internal PieceHandler(WordPieceModel model, bool lowerCase, Scratch scratch, TSink sink)
    {
        _model = model;
        _scratch = scratch;
        _lowerCaseBit = (char)(lowerCase ? 0x20 : 0);
        _sink = sink;
    }

    /// <summary>The sink, with the tokens so far.</summary>
    internal readonly TSink Sink => _sink;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool AsciiWord(ReadOnlySpan<char> text, int start, int length, ulong low, ulong high)
    {
        int id = length <= WordTable.LongestWord ? _model.Words.Find(low, high) : -1;
        return id >= 0 ? _sink.Add(id, start, start + length, _word++) : CutAsciiWord(text.Slice(start, length), start);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Punctuation(ReadOnlySpan<char> text, int start, int length)
    {
        int id = text[start] < 128 ? _model.AsciiIds[text[start]] : _model.FindSingle(text.Slice(start, length));
        return _sink.Add(id, start, start + length, _word++);
    }

    public bool NormalizedWord(NormalizedText text, int start, int length, int scalars)
    {
        int word = _word++;
        int count = 0;
        Span<int> ids = default, ends = default;
        if (scalars <= _model.MaxInputCharsPerWord)
        {
            _scratch.Pieces(length, out ids, out ends);
            count = _model.Cut(text.Characters.Slice(start, length), ids, ends);
        }

        if (count == 0)
            return _sink.Add(_model.UnknownId, text.StartAt(start), text.EndAt(start + length - 1), word);
        int from = start;
        for (int p = 0; p < count; p++)
        {
            int end = start + ends[p];
            if (!_sink.Add(ids[p], text.StartAt(from), text.EndAt(end - 1), word))
                return false;
            from = end;
        }

        return true;
    }

    /// <summary>Passes an added token on; it counts as a word.</summary>
    internal bool AddedToken(int id, int start, int end) => _sink.Add(id, start, end, _word++);

    private bool CutAsciiWord(ReadOnlySpan<char> source, int start)
    {
        int word = _word++;
        int count = 0;
        Span<int> ids = default, ends = default;
        if (source.Length <= _model.MaxInputCharsPerWord)
        {
            Span<char> lower = _scratch.Word(source.Length);
            for (int i = 0; i < source.Length; i++)
                lower[i] = (char)(source[i] | _lowerCaseBit);
            _scratch.Pieces(source.Length, out ids, out ends);
            count = _model.Cut(lower, ids, ends);
        }

        if (count == 0)
            return _sink.Add(_model.UnknownId, start, start + source.Length, word);
        int from = start;
        for (int p = 0; p < count; p++)
        {
            int end = start + ends[p];
            if (!_sink.Add(ids[p], from, end, word))
                return false;
            from = end;
        }

        return true;
    }
}
