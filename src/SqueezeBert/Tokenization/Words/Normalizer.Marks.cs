using System.Runtime.CompilerServices;
using SqueezeBert.Tokenization.Unicode;

namespace SqueezeBert.Tokenization.Words;

/// <content>
/// Runs of combining marks and their canonical order. A run is sorted as a whole, so that its first mark may depend on its last, and
/// nothing bounds its length. The marks of ordinary runs are held; those of longer ones are read from the text again, once for each
/// combining class that has marks that stay (few have any), so that a run of any length takes linear time and constant memory.
/// </content>
internal sealed partial class Normalizer
{
    private const int MaxHeldMarks = 1024;
    private const int MaxPieces = 4;

    private Mark[] _run = new Mark[32];
    private Mark[] _sorted = new Mark[32];
    private int _runLength;

    // Whether the run has more marks than are held.
    private bool _isRunLong;

    /// <summary>A combining mark that waits for its run to be put in canonical order.</summary>
    /// <param name="CodePoint">The mark.</param>
    /// <param name="Class">Its combining class, not 0.</param>
    /// <param name="Piece">Its place in the decomposition of its original.</param>
    /// <param name="Start">Where the original starts in the text.</param>
    /// <param name="End">Where the original ends.</param>
    private readonly record struct Mark(int CodePoint, byte Class, int Piece, int Start, int End)
    {
        /// <summary>Whether decomposition inserted the mark behind the first character of its original.</summary>
        internal bool Inserted => Piece > 0;

        internal bool Stays => (UnicodeTables.ClassOf(CodePoint) & CharacterClass.StrippedMark) == 0;
    }

    private void AddMark(in Mark mark)
    {
        if (_runLength == MaxHeldMarks)
        {
            _isRunLong = true;
            return;
        }

        if (_runLength == _run.Length)
        {
            Array.Resize(ref _run, 2 * _runLength);
            _sorted = new Mark[2 * _runLength];
        }

        _run[_runLength++] = mark;
    }

    /// <summary>
    /// Puts a run of marks in canonical order and appends those that stay. The reference changes the characters' order but hands out the
    /// original positions in the order of the text, so a mark that moved gets the position of the one it replaced.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FlushMarks<TSink>(ReadOnlySpan<char> text, int end, ref TSink sink, CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct
    {
        if (_runLength == 0)
            return;
        if (_isRunLong)
            FlushLongRun(text[..end], ref sink, cancellationToken);
        else
            FlushHeldRun(ref sink);
        _runLength = 0;
        _isRunLong = false;
    }

    private void FlushHeldRun<TSink>(ref TSink sink)
        where TSink : INormalizedSink, allows ref struct
    {
        var n = _runLength;
        var run = _run;
        var ordered = true;
        for (var i = 1; i < n && ordered; i++)
            ordered = run[i - 1].Class <= run[i].Class;
        if (ordered)
        {
            for (var i = 0; i < n; i++)
                AppendStripped(run[i].CodePoint, run[i].Start, run[i].End, ref sink);
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

            AppendStripped(mark.CodePoint, start, end, ref sink);
        }
    }

    /// <summary>A stable counting sort.</summary>
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

    /// <summary>
    /// What <see cref="FlushHeldRun"/> does, with the marks read from the text, which ends with the run's end or behind it.
    /// </summary>
    private void FlushLongRun<TSink>(ReadOnlySpan<char> text, ref TSink sink, CancellationToken cancellationToken)
        where TSink : INormalizedSink, allows ref struct
    {
        // Of each class, the marks in the classes before it that are not inserted; and whether any of its own stays.
        Span<int> ranks = stackalloc int[257];
        Span<bool> stays = stackalloc bool[256];
        ranks.Clear();
        stays.Clear();
        var all = new MarkReader(text, _run[0], _settings.CleanText, cancellationToken);
        while (all.Next(out var mark))
        {
            if (!mark.Inserted)
                ranks[mark.Class + 1]++;
            stays[mark.Class] |= mark.Stays;
        }

        for (var i = 1; i < ranks.Length; i++)
            ranks[i] += ranks[i - 1];

        // The positions are handed out in the order of the text, from first to last.
        var positions = new MarkReader(text, _run[0], _settings.CleanText, cancellationToken);
        var position = _run[0];
        var handedOut = 0;
        for (var combining = 1; combining < stays.Length; combining++)
        {
            if (!stays[combining])
                continue;
            var rank = ranks[combining];
            var marks = new MarkReader(text, _run[0], _settings.CleanText, cancellationToken);
            while (!sink.IsStopped && marks.Next(out var mark))
            {
                if (mark.Class != combining)
                    continue;
                if (!mark.Inserted)
                    rank++;
                if (!mark.Stays)
                    continue;
                while (handedOut < rank && positions.Next(out var next))
                {
                    if (next.Inserted)
                        continue;
                    position = next;
                    handedOut++;
                }

                AppendFolded(mark.CodePoint, position.Start, position.End, ref sink);
            }
        }
    }

    /// <summary>Reads the marks of a run from the text, from its first mark up to the character that ends it.</summary>
    private ref struct MarkReader(ReadOnlySpan<char> text, in Mark first, bool cleanText, CancellationToken cancellationToken)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private readonly bool _cleanText = cleanText;
        private readonly CancellationToken _cancellationToken = cancellationToken;
        private Pieces _pieces;
        private int _count;
        private int _piece;
        private int _firstPiece = first.Piece;
        private int _start;
        private int _end = first.Start;
        private int _check;

        internal bool Next(out Mark mark)
        {
            mark = default;
            while (_piece == _count)
            {
                if (_end >= _check)
                {
                    _cancellationToken.ThrowIfCancellationRequested();
                    _check = _end + Math.Min(WordScanner.CheckInterval, int.MaxValue - _end);
                }

                if (_end == _text.Length)
                    return false;
                var c = UnicodeTables.Read(_text, _end, out var length);
                _start = _end;
                _end += length;
                if (_cleanText && (UnicodeTables.ClassOf(c) & CharacterClass.Removed) != 0)
                    continue;
                _count = UnicodeTables.Decompose(c, _pieces);
                if (_count == 0)
                    _pieces[_count++] = c;
                _piece = _firstPiece;
                _firstPiece = 0;
            }

            var combining = UnicodeTables.CombiningClass(_pieces[_piece]);
            if (combining == 0)
                return false;
            mark = new Mark(_pieces[_piece], (byte)combining, _piece, _start, _end);
            _piece++;
            return true;
        }
    }

    [InlineArray(MaxPieces)]
    private struct Pieces
    {
        private int _first;
    }
}
