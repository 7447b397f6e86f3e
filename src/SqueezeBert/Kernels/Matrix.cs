namespace SqueezeBert.Kernels;

/// <summary>
/// A matrix in memory, row after row: element (i, j) is at i·<see cref="Stride"/> + j. A matrix without <see cref="Data"/> means "none".
/// </summary>
/// <param name="data">The element in row 0 and column 0.</param>
/// <param name="stride">The number of elements from one row to the next.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="columns">The number of columns.</param>
internal readonly unsafe struct Matrix(float* data, nint stride, int rows, int columns)
{
    public readonly float* Data = data;
    public readonly nint Stride = stride;
    public readonly int Rows = rows;
    public readonly int Columns = columns;

    /// <summary>Creates a matrix whose rows follow each other without a gap.</summary>
    public Matrix(float* data, int rows, int columns)
        : this(data, columns, rows, columns)
    {
    }

    public bool IsNone => Data is null;

    /// <summary>Returns the first element of a row, or null for no matrix.</summary>
    public float* Row(int row) => Data is null ? null : Data + (row * Stride);

    public Matrix TakeRows(int first, int count) => new(Row(first), Stride, count, Columns);

    public Matrix TakeColumns(int first, int count) => new(Data is null ? null : Data + first, Stride, Rows, count);
}
