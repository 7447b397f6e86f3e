using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// The reference's BertNormalizer: clean text, Chinese spacing, strip accents (canonical decomposition, then dropping marks), lower case,
/// in this order, with the original range of every character. A text may come in parts; all that is kept between two of them are the
/// combining marks of a run that may go on. Holds scratch space: one per thread.
/// </summary>
internal sealed partial class Normalizer
{
    private Settings _settings;

    /// <summary>Which of the steps are on.</summary>
    internal readonly record struct Settings(bool CleanText, bool HandleChineseChars, bool StripAccents, bool LowerCase);

    /// <summary>Appends the normalized form of <paramref name="text"/>[<paramref name="from"/>..<paramref name="to"/>].</summary>
    internal void Normalize(ReadOnlySpan<char> text, int from, int to, in Settings settings, NormalizedText output)
    {
        Begin(settings);
        Add(text, from, to, ref output, CancellationToken.None);
        Finish(text, to, ref output, CancellationToken.None);
    }

    /// <summary>Begins a text, whatever became of the one before.</summary>
    internal void Begin(in Settings settings)
    {
        _settings = settings;
        _runLength = 0;
        _isRunLong = false;
    }

    /// <summary>
    /// Gives the normalized characters of <paramref name="text"/>[<paramref name="from"/>..<paramref name="to"/>] to the sink, but for
    /// marks whose run may go on behind; neither end may be inside a surrogate pair. Of each part the text must be the same, and
    /// <paramref name="from"/> where the part before ended.
    /// </summary>
    internal void Add<TSink>(ReadOnlySpan<char> text, int from, int to, ref TSink sink, CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct
    {
        Span<int> pieces = stackalloc int[4];
        text = text[..to];
        for (var i = from; i < to;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var pause = i + Math.Min(to - i, WordScanner.CheckInterval);
            while (i < pause)
            {
                if (sink.IsStopped)
                    return;
                var c = UnicodeTables.Read(text, i, out var length);
                AddCharacter(c, text, i, i + length, pieces, ref sink, cancellationToken);
                i += length;
            }
        }
    }

    /// <summary>Ends a text at <paramref name="to"/>: gives the marks that are left to the sink.</summary>
    internal void Finish<TSink>(ReadOnlySpan<char> text, int to, ref TSink sink, CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct =>
        FlushMarks(text, to, ref sink, cancellationToken);

    private void AddCharacter<TSink>(int c, ReadOnlySpan<char> text, int start, int end, scoped Span<int> pieces, ref TSink sink,
        CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct
    {
        var kind = UnicodeTables.ClassOf(c);
        if (_settings.CleanText)
        {
            if ((kind & CharacterClass.Removed) != 0)
                return;
            if ((kind & CharacterClass.MappedToSpace) != 0)
            {
                FlushMarks(text, end, ref sink, cancellationToken);
                sink.Append(' ', start, end);
                return;
            }
        }

        var chinese = _settings.HandleChineseChars && (kind & CharacterClass.Chinese) != 0;
        if (chinese)
        {
            FlushMarks(text, end, ref sink, cancellationToken);
            sink.Append(' ', start, end);
        }

        if (!_settings.StripAccents)
            AppendFolded(c, start, end, ref sink);
        else
            AppendDecomposed(c, kind, text, start, end, pieces, ref sink, cancellationToken);

        if (chinese)
        {
            FlushMarks(text, end, ref sink, cancellationToken);
            sink.Append(' ', start, end);
        }
    }

    private void AppendDecomposed<TSink>(int c, CharacterClass kind, ReadOnlySpan<char> text, int start, int end,
        scoped Span<int> pieces, ref TSink sink, CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct
    {
        if ((kind & CharacterClass.HasNormalForm) == 0)
        {
            FlushMarks(text, end, ref sink, cancellationToken);
            AppendStripped(c, start, end, ref sink);
            return;
        }

        var count = UnicodeTables.Decompose(c, pieces);
        if (count == 0)
        {
            pieces[0] = c;
            count = 1;
        }

        for (var p = 0; p < count; p++)
        {
            var combining = UnicodeTables.CombiningClass(pieces[p]);
            if (combining == 0)
            {
                FlushMarks(text, end, ref sink, cancellationToken);
                AppendStripped(pieces[p], start, end, ref sink);
                continue;
            }

            AddMark(new Mark(pieces[p], (byte)combining, p, start, end));
        }
    }

    private void AppendStripped<TSink>(int c, int start, int end, ref TSink sink)
        where TSink : INormalizedSink, allows ref struct
    {
        if ((UnicodeTables.ClassOf(c) & CharacterClass.StrippedMark) == 0)
            AppendFolded(c, start, end, ref sink);
    }

    private void AppendFolded<TSink>(int c, int start, int end, ref TSink sink)
        where TSink : INormalizedSink, allows ref struct
    {
        if (!_settings.LowerCase)
        {
            sink.Append(c, start, end);
            return;
        }

        sink.Append(UnicodeTables.ToLower(c), start, end);
        if (c == 0x130)
            sink.Append(0x307, start, end);
    }
}
