namespace SqueezeBert.Kernels;

/// <summary>
/// A matrix in memory, row after row: element (i, j) stands at i·<see cref="Stride"/> + j. One without
/// <see cref="Data"/> stands for "none".
/// </summary>
/// <param name="data">Row 0, column 0.</param>
/// <param name="stride">Elements from a row to the next.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="columns">The number of columns.</param>
internal readonly unsafe struct Matrix(float* data, nint stride, int rows, int columns)
{
    public readonly float* Data = data;
    public readonly nint Stride = stride;
    public readonly int Rows = rows;
    public readonly int Columns = columns;

    /// <summary>A matrix whose rows follow each other without a gap.</summary>
    public Matrix(float* data, int rows, int columns)
        : this(data, columns, rows, columns)
    {
    }

    public bool IsNone => Data is null;

    /// <summary>The first element of a row; null for none.</summary>
    public float* Row(int row) => Data is null ? null : Data + (row * Stride);

    public Matrix TakeRows(int first, int count) => new(Row(first), Stride, count, Columns);

    public Matrix TakeColumns(int first, int count) => new(Data is null ? null : Data + first, Stride, Rows, count);
}
