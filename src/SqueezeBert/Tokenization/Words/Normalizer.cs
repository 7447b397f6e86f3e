using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Words;

/// <summary>
/// The reference's BertNormalizer: clean text, Chinese spacing, strip accents (canonical decomposition, then dropping marks), lower case,
/// in this order, with the original range of every character. Holds scratch space: one per thread.
/// </summary>
internal sealed class Normalizer
{
    private Mark[] _run = new Mark[32];
    private Mark[] _sorted = new Mark[32];
    private int _runLength;

    private Settings _settings;

    internal int Capacity => _run.Length;

    /// <summary>Which of the steps are on.</summary>
    internal readonly record struct Settings(bool CleanText, bool HandleChineseChars, bool StripAccents, bool LowerCase);

    /// <summary>A combining mark that waits for its run to be put in canonical order.</summary>
    private readonly record struct Mark(int CodePoint, byte Class, bool Inserted, int Start, int End);

    /// <summary>
    /// Appends the normalized form of <paramref name="text"/>[<paramref name="from"/>..<paramref name="to"/>]. Both ends must be starters
    /// or the ends of the text, since marks are put in order inside the range.
    /// </summary>
    internal void Normalize(ReadOnlySpan<char> text, int from, int to, in Settings settings, NormalizedText output)
    {
        _settings = settings;
        Span<int> pieces = stackalloc int[4];
        text = text[..to];
        int length;
        for (var i = from; i < to; i += length)
        {
            var c = UnicodeTables.Read(text, i, out length);
            var kind = UnicodeTables.ClassOf(c);
            var end = i + length;
            if (settings.CleanText)
            {
                if ((kind & CharacterClass.Removed) != 0)
                    continue;
                if ((kind & CharacterClass.MappedToSpace) != 0)
                {
                    FlushMarks(output);
                    output.Append(' ', i, end);
                    continue;
                }
            }

            var chinese = settings.HandleChineseChars && (kind & CharacterClass.Chinese) != 0;
            if (chinese)
            {
                FlushMarks(output);
                output.Append(' ', i, end);
            }

            if (!settings.StripAccents)
                AppendFolded(c, i, end, output);
            else
                AppendDecomposed(c, kind, i, end, pieces, output);

            if (chinese)
            {
                FlushMarks(output);
                output.Append(' ', i, end);
            }
        }

        FlushMarks(output);
    }

    private void AppendDecomposed(int c, CharacterClass kind, int start, int end, Span<int> pieces, NormalizedText output)
    {
        if ((kind & CharacterClass.HasNormalForm) == 0)
        {
            FlushMarks(output);
            AppendStripped(c, start, end, output);
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
                FlushMarks(output);
                AppendStripped(pieces[p], start, end, output);
                continue;
            }

            if (_runLength == _run.Length)
            {
                Array.Resize(ref _run, 2 * _runLength);
                _sorted = new Mark[2 * _runLength];
            }

            _run[_runLength++] = new Mark(pieces[p], (byte)combining, p > 0, start, end);
        }
    }

    /// <summary>
    /// Puts a run of marks in canonical order and appends those that stay. The reference changes the characters' order but hands out the
    /// original positions in the order of the text, so a mark that moved gets the position of the one it replaced.
    /// </summary>
    private void FlushMarks(NormalizedText output)
    {
        var n = _runLength;
        if (n == 0)
            return;
        _runLength = 0;
        var run = _run;
        var ordered = true;
        for (var i = 1; i < n && ordered; i++)
            ordered = run[i - 1].Class <= run[i].Class;
        if (ordered)
        {
            for (var i = 0; i < n; i++)
                AppendStripped(run[i].CodePoint, run[i].Start, run[i].End, output);
            return;
        }

        SortByClass(n);
        var next = 0;
        int start = run[0].Start, end = run[0].End;
        for (var i = 0; i < n; i++)
        {
            var mark = _sorted[i];
            if (!mark.Inserted)
            {
                while (run[next].Inserted)
                    next++;
                start = run[next].Start;
                end = run[next].End;
                next++;
            }

            AppendStripped(mark.CodePoint, start, end, output);
        }
    }

    /// <summary>A stable counting sort, so that a run of a million marks stays linear.</summary>
    private void SortByClass(int n)
    {
        Span<int> positions = stackalloc int[257];
        positions.Clear();
        for (var i = 0; i < n; i++)
            positions[_run[i].Class + 1]++;
        for (var i = 1; i < 257; i++)
            positions[i] += positions[i - 1];
        for (var i = 0; i < n; i++)
            _sorted[positions[_run[i].Class]++] = _run[i];
    }

    private void AppendStripped(int c, int start, int end, NormalizedText output)
    {
        if ((UnicodeTables.ClassOf(c) & CharacterClass.StrippedMark) == 0)
            AppendFolded(c, start, end, output);
    }

    private void AppendFolded(int c, int start, int end, NormalizedText output)
    {
        if (!_settings.LowerCase)
        {
            output.Append(c, start, end);
            return;
        }

        output.Append(UnicodeTables.ToLower(c), start, end);
        if (c == 0x130)
            output.Append(0x307, start, end);
    }
}
