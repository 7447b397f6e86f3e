using SqueezeBert.Kernels;

namespace SqueezeBert.Graphs.Parameters;

/// <summary>A source for the values of a graph's parameters: a checkpoint, a trainer or a formula.</summary>
internal interface IParameterSource
{
    /// <summary>Whether the layers are meant to be computed with activations and weights in int8.</summary>
    bool ComputesInInt8 => false;

    /// <summary>Writes the elements of a parameter in row-major order. Several threads may call it at the same time.</summary>
    /// <param name="parameter">The name and shape. A source checks that it has exactly these.</param>
    /// <param name="destination">Receives <see cref="Parameter.Length"/> elements.</param>
    void Read(Parameter parameter, Span<float> destination);

    /// <summary>Returns how the source stores a parameter. Stored integers can be read as they are or converted to numbers.</summary>
    StoredForm FormOf(Parameter parameter) => StoredForm.Float32;

    /// <summary>
    /// Writes the rows of a parameter that is stored as integers, and the scale of each row. An element is the product of both, rounded to
    /// float32. Several threads may call it at the same time.
    /// </summary>
    /// <param name="parameter">The name and shape.</param>
    /// <param name="rows">Receives <see cref="StoredForms.RowBytes"/> bytes for each row.</param>
    /// <param name="scales">Receives one scale per row, which is finite and above 0.</param>
    void ReadRows(Parameter parameter, Span<byte> rows, Span<float> scales) =>
        throw new NotSupportedException($"{parameter} is held as numbers");
}
