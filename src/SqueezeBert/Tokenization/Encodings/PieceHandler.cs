using System.Runtime.Intrinsics;
using SqueezeBert.Tokenization.Pieces;
using SqueezeBert.Tokenization.Words;

namespace SqueezeBert.Tokenization.Encodings;

/// <summary>Words to pieces, given to a sink.</summary>
internal ref struct PieceHandler<TSink> : IWordHandler
    where TSink : struct, ITokenSink, allows ref struct
{
    private readonly WordPieceModel _model;
    private readonly Scratch _scratch;
    private TSink _sink;
    private int _word;

    internal PieceHandler(WordPieceModel model, Scratch scratch, TSink sink)
    {
        _model = model;
        _scratch = scratch;
        _sink = sink;
    }

    /// <summary>The sink, with the tokens so far.</summary>
    internal readonly TSink Sink => _sink;

    public readonly int LongestPacked => Math.Min(PackedWord.MaxCharacters, _model.MaxInputCharsPerWord);

    public readonly int LongestWord => _model.MaxInputCharsPerWord;

    public bool Packed(WordBatch words)
    {
        _model.FindFirst(words.Words, words.Ids);
        ReadOnlySpan<int> ids = words.Ids;
        var offsets = words.Offsets;
        var done = 0;
        while (true)
        {
            var added = _sink.AddWords(ids[done..], offsets[done..], _word);
            _word += added;
            done += added;
            if (done == ids.Length)
                return true;
            if (ids[done] >= 0 || !Cut(words.Words[done], offsets[done]))
                return false;
            done++;
        }
    }

    public bool Normalized(NormalizedText text, int start, int length, int scalars)
    {
        var count = 0;
        Span<int> ids = default, ends = default;
        if (scalars <= _model.MaxInputCharsPerWord)
        {
            _scratch.Pieces(length, out ids, out ends);
            count = text.TryPack(start, length, out var packed)
                ? _model.Cut(packed, length, ids, ends)
                : _model.Cut(text.Characters.Slice(start, length), ids, ends);
        }

        var word = _word++;
        if (count == 0)
            return _sink.Add(_model.UnknownId, text.StartAt(start), text.EndAt(start + length - 1), word);
        var from = start;
        for (var p = 0; p < count; p++)
        {
            var end = start + ends[p];
            if (!_sink.Add(ids[p], text.StartAt(from), text.EndAt(end - 1), word))
                return false;
            from = end;
        }

        return true;
    }

    /// <summary>Passes an added token on; it counts as a word.</summary>
    internal bool AddedToken(int id, int start, int end) => _sink.Add(id, start, end, _word++);

    private bool Cut(in Vector128<byte> packed, TokenOffset offset)
    {
        var word = _word++;
        var length = offset.End - offset.Start;
        _scratch.Pieces(length, out var ids, out var ends);
        var count = _model.Cut(packed, length, ids, ends);
        if (count == 0)
            return _sink.Add(_model.UnknownId, offset.Start, offset.End, word);
        var from = offset.Start;
        for (var p = 0; p < count; p++)
        {
            var end = offset.Start + ends[p];
            if (!_sink.Add(ids[p], from, end, word))
                return false;
            from = end;
        }

        return true;
    }
}
