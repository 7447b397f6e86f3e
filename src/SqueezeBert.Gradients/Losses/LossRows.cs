namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// The rows of an output that a loss is computed over, [<see cref="Count"/>, <see cref="Width"/>], and the place for its gradient.
/// </summary>
internal readonly unsafe struct LossRows
{
    /// <summary>Creates rows without a gradient.</summary>
    public LossRows(float* data, int count, int width)
    {
        Data = data;
        Count = count;
        Width = width;
    }

    /// <param name="data">The output.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="width">The number of channels of a row.</param>
    /// <param name="gradient">[count, width]. It may be <paramref name="data"/>, which is then overwritten.</param>
    /// <param name="accumulate">Whether the gradient is added to the existing one.</param>
    /// <param name="normaliser">The number that Σ weight · loss is divided by.</param>
    public LossRows(float* data, int count, int width, float* gradient, bool accumulate, double normaliser)
        : this(data, count, width)
    {
        Gradient = gradient;
        Accumulate = accumulate;
        Normaliser = normaliser;
    }

    public float* Data { get; }

    public int Count { get; }

    public int Width { get; }

    /// <summary>The gradient, or null if none is requested.</summary>
    public float* Gradient { get; }

    public bool Accumulate { get; }

    public double Normaliser { get; }

    public float* Row(int row) => Data + ((long)row * Width);

    public float* GradientRow(int row) => Gradient + ((long)row * Width);
}
