namespace SqueezeBert.Onnx.Tests;

/// <summary>Quantization of weights to 8 bits, and back.</summary>
internal static class EightBits
{
    /// <summary>One scale and one zero point for all.</summary>
    public static (byte[] Values, float Scale, byte Zero) Of(float[] values)
    {
        float low = Math.Min(0, values.Min()), high = Math.Max(0, values.Max());
        var scale = (high - low) / 255;
        var zero = (byte)Math.Clamp(MathF.Round(-low / scale), 0, 255);
        return ([.. values.Select(value => (byte)Math.Clamp(MathF.Round(value / scale) + zero, 0, 255))], scale, zero);
    }

    public static float[] Back(float[] values)
    {
        var (bytes, scale, zero) = Of(values);
        return [.. bytes.Select(value => (value - (float)zero) * scale)];
    }

    public static float SymmetricScale(ReadOnlySpan<float> values)
    {
        var most = 1e-9f;
        foreach (var value in values) most = Math.Max(most, Math.Abs(value));
        return most / 127;
    }

    public static sbyte Symmetric(float value, float scale) => (sbyte)Math.Clamp(MathF.Round(value / scale), -127, 127);

    /// <summary>A scale for each row.</summary>
    public static float[] RowsBack(float[] values, int columns)
    {
        var result = new float[values.Length];
        for (var start = 0; start < values.Length; start += columns)
        {
            var scale = SymmetricScale(values.AsSpan(start, columns));
            for (var i = start; i < start + columns; i++) result[i] = Symmetric(values[i], scale) * scale;
        }

        return result;
    }
}
