namespace SqueezeBert.Training.Starts.LeastSquares;

/// <summary>Some columns of the rows of a float32 matrix, maybe less those of another.</summary>
/// <param name="values">Rows one after another, each of <paramref name="stride"/> elements.</param>
/// <param name="stride">Elements of a row.</param>
/// <param name="start">The first column.</param>
/// <param name="less">Rows of the same shape that are taken off; empty: none.</param>
internal readonly ref struct Columns(ReadOnlySpan<float> values, int stride, int start = 0, ReadOnlySpan<float> less = default)
{
    private readonly ReadOnlySpan<float> _values = values;
    private readonly ReadOnlySpan<float> _less = less;

    /// <summary>Number of rows.</summary>
    public int RowCount { get; } = values.Length / stride;

    /// <summary>Writes rows as float64. A difference is rounded to float32 first, so that products stay exact.</summary>
    public void CopyTo(int firstRow, int count, int width, Span<double> target, int targetStride)
    {
        for (var row = 0; row < count; row++)
        {
            var place = ((firstRow + row) * stride) + start;
            var to = target.Slice(row * targetStride, width);
            var from = _values.Slice(place, width);
            if (_less.IsEmpty)
            {
                for (var i = 0; i < to.Length; i++) to[i] = from[i];
            }
            else
            {
                var off = _less.Slice(place, width);
                for (var i = 0; i < to.Length; i++) to[i] = from[i] - off[i];
            }
        }
    }
}
