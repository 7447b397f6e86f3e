using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Starts.LeastSquares;

/// <summary>
/// Sums over many rows of the products of two columns, in float64: what least squares need to know about data. The product of two float32
/// values is exact in float64 and each sum is one chain in the order of the rows, so it has the same bits whatever the threads and the
/// size of the pieces. Not thread-safe; uses the threads of the pool.
/// </summary>
internal sealed class ColumnProducts
{
    private const int BlockRows = 128;
    private const int StripColumns = 4;
    private const int TileColumns = 8;
    private readonly int _leftStride;
    private readonly int _rightStride;
    private readonly bool _isSymmetric;
    private readonly double[] _sums;
    private readonly double[] _left;
    private readonly double[] _right;
    private readonly Strips _strips;
    private readonly int _threads;

    private ColumnProducts(int leftWidth, int rightWidth, bool isSymmetric, int threads)
    {
        (LeftWidth, RightWidth, _isSymmetric, _threads) = (leftWidth, rightWidth, isSymmetric, threads);
        _leftStride = RoundUp(leftWidth + 1, TileColumns);
        _rightStride = isSymmetric ? _leftStride : RoundUp(rightWidth, TileColumns);
        _sums = new double[(long)_leftStride * _rightStride];
        _left = new double[BlockRows * _leftStride];
        _right = isSymmetric ? _left : new double[BlockRows * _rightStride];
        for (var row = 0; row < BlockRows; row++) _left[(row * _leftStride) + leftWidth] = 1;
        _strips = new Strips(this);
    }

    /// <summary>Columns of the first matrix.</summary>
    public int LeftWidth { get; }

    /// <summary>Columns of the second matrix.</summary>
    public int RightWidth { get; }

    /// <summary>Rows that were added.</summary>
    public long RowCount { get; private set; }

    /// <summary>
    /// The sum for a column of the first matrix and one of the second. Behind the first matrix's own columns stands one of ones, so that
    /// its sums are those of the second's columns.
    /// </summary>
    public double this[int left, int right] => _isSymmetric && right < left
        ? _sums[((long)right * _rightStride) + left]
        : _sums[((long)left * _rightStride) + right];

    /// <summary>Products of the columns of two matrices.</summary>
    public static ColumnProducts Between(int leftWidth, int rightWidth, int threads) => new(leftWidth, rightWidth, false, threads);

    /// <summary>Products of the columns of one matrix.</summary>
    public static ColumnProducts Within(int width, int threads) => new(width, width, true, threads);

    /// <summary>Adds rows of one matrix.</summary>
    public void Add(Columns rows) => Add(rows, rows);

    /// <summary>Adds rows of both matrices.</summary>
    public void Add(Columns left, Columns right)
    {
        for (var start = 0; start < left.RowCount; start += BlockRows)
        {
            var count = Math.Min(BlockRows, left.RowCount - start);
            left.CopyTo(start, count, LeftWidth, _left, _leftStride);
            if (!_isSymmetric) right.CopyTo(start, count, RightWidth, _right, _rightStride);
            _strips.Rows = count;
            RowCount += count;
            WorkerPool.Shared.Run(_strips, _leftStride / StripColumns, _threads);
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>Four columns of the first matrix with all of the second.</summary>
    private sealed class Strips(ColumnProducts owner) : IParallelBody
    {
        public int Rows { get; set; }

        public void Execute(int part, int worker)
        {
            var first = part * StripColumns;
            var start = owner._isSymmetric ? first / TileColumns * TileColumns : 0;
            for (var column = start; column < owner._rightStride; column += TileColumns) Tile(first, column);
        }

        private void Tile(int first, int column)
        {
            ref var left = ref MemoryMarshal.GetArrayDataReference(owner._left);
            ref var right = ref MemoryMarshal.GetArrayDataReference(owner._right);
            ref var sums = ref MemoryMarshal.GetArrayDataReference(owner._sums);
            nuint leftStride = (nuint)owner._leftStride, rightStride = (nuint)owner._rightStride;
            var target = ((nuint)first * rightStride) + (nuint)column;
            var a0 = Vector256.LoadUnsafe(ref sums, target);
            var a1 = Vector256.LoadUnsafe(ref sums, target + 4);
            var b0 = Vector256.LoadUnsafe(ref sums, target + rightStride);
            var b1 = Vector256.LoadUnsafe(ref sums, target + rightStride + 4);
            var c0 = Vector256.LoadUnsafe(ref sums, target + (2 * rightStride));
            var c1 = Vector256.LoadUnsafe(ref sums, target + (2 * rightStride) + 4);
            var d0 = Vector256.LoadUnsafe(ref sums, target + (3 * rightStride));
            var d1 = Vector256.LoadUnsafe(ref sums, target + (3 * rightStride) + 4);
            nuint x = (nuint)first, y = (nuint)column;
            for (var row = 0; row < Rows; row++, x += leftStride, y += rightStride)
            {
                var y0 = Vector256.LoadUnsafe(ref right, y);
                var y1 = Vector256.LoadUnsafe(ref right, y + 4);
                var x0 = Vector256.Create(Unsafe.Add(ref left, x));
                a0 = Vector256.MultiplyAddEstimate(x0, y0, a0);
                a1 = Vector256.MultiplyAddEstimate(x0, y1, a1);
                x0 = Vector256.Create(Unsafe.Add(ref left, x + 1));
                b0 = Vector256.MultiplyAddEstimate(x0, y0, b0);
                b1 = Vector256.MultiplyAddEstimate(x0, y1, b1);
                x0 = Vector256.Create(Unsafe.Add(ref left, x + 2));
                c0 = Vector256.MultiplyAddEstimate(x0, y0, c0);
                c1 = Vector256.MultiplyAddEstimate(x0, y1, c1);
                x0 = Vector256.Create(Unsafe.Add(ref left, x + 3));
                d0 = Vector256.MultiplyAddEstimate(x0, y0, d0);
                d1 = Vector256.MultiplyAddEstimate(x0, y1, d1);
            }

            a0.StoreUnsafe(ref sums, target);
            a1.StoreUnsafe(ref sums, target + 4);
            b0.StoreUnsafe(ref sums, target + rightStride);
            b1.StoreUnsafe(ref sums, target + rightStride + 4);
            c0.StoreUnsafe(ref sums, target + (2 * rightStride));
            c1.StoreUnsafe(ref sums, target + (2 * rightStride) + 4);
            d0.StoreUnsafe(ref sums, target + (3 * rightStride));
            d1.StoreUnsafe(ref sums, target + (3 * rightStride) + 4);
        }
    }
}
