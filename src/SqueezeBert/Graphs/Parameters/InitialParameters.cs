namespace SqueezeBert.Graphs.Parameters;

/// <summary>
/// The initial values of a model before training. Biases are zero, and layer norm weights are one. Matrices and tables have mean zero and a
/// given standard deviation, and the row of the padding token is zero. A value is a sum of four uniform numbers, so it is at most 3.5
/// standard deviations from the mean and has the same bits on every platform.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="deviation">The standard deviation, which is "initializer_range" of the configuration.</param>
internal sealed class InitialParameters(ulong seed, double deviation) : IParameterSource
{
    public void Read(Parameter parameter, Span<float> destination)
    {
        switch (parameter.Kind)
        {
            case ParameterKind.RowNumber:
                for (var i = 0; i < destination.Length; i++) destination[i] = i % parameter.RowLimit;
                break;
            case ParameterKind.NormWeight or ParameterKind.RowFactor:
                destination.Fill(1);
                break;
            case ParameterKind.Bias or ParameterKind.NormBias:
                destination.Clear();
                break;
            default:
                Fill(destination, HashedNumbers.Mix(seed ^ HashedNumbers.Hash(parameter.Name)));
                if (parameter.PaddingRow >= 0) destination.Slice(parameter.PaddingRow * parameter.Columns, parameter.Columns).Clear();
                break;
        }
    }

    private void Fill(Span<float> values, ulong key)
    {
        // The sum of four uniform numbers of 16 bits has the variance 4/12.
        var scale = deviation * Math.Sqrt(3) / 65536;
        for (var i = 0; i < values.Length; i++)
        {
            var bits = HashedNumbers.Mix(key + (ulong)i);
            var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
            values[i] = (float)((sum - (2 * 65535)) * scale);
        }
    }
}
