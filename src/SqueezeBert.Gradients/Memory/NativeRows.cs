namespace SqueezeBert.Gradients.Memory;

/// <summary>Rows in native memory that is owned elsewhere: [<see cref="Count"/>, <see cref="Width"/>], row-major.</summary>
internal readonly unsafe struct NativeRows(float* data, int count, int width)
{
    public float* Data { get; } = data;

    public int Count { get; } = count;

    public int Width { get; } = width;

    public ReadOnlySpan<float> Span => new(Data, checked(Count * Width));

    public float* Row(int row) => Data + ((long)row * Width);
}
