using SqueezeBert.Kernels;

namespace SqueezeBert.Graphs.Parameters;

/// <summary>Where the values of a graph's parameters come from: a checkpoint, a trainer, a formula.</summary>
internal interface IParameterSource
{
    /// <summary>Whether the layers are meant to be computed with rows and weights in int8.</summary>
    bool ComputesInInt8 => false;

    /// <summary>Writes the parameter's elements in row-major order. Called by several threads at a time.</summary>
    /// <param name="parameter">Name and shape; a source checks that it has exactly these.</param>
    /// <param name="destination"><see cref="Parameter.Length"/> elements.</param>
    void Read(Parameter parameter, Span<float> destination);

    /// <summary>How the source holds a parameter. What it holds as integers can be read as they are, or as numbers.</summary>
    StoredForm FormOf(Parameter parameter) => StoredForm.Float32;

    /// <summary>
    /// Writes the rows of a parameter that is held as integers, and the scale of each: an element is the product of both, rounded to
    /// float32. Called by several threads at a time.
    /// </summary>
    /// <param name="parameter">Name and shape.</param>
    /// <param name="rows"><see cref="StoredForms.RowBytes"/> for each row of the parameter.</param>
    /// <param name="scales">As many as rows; finite and above 0.</param>
    void ReadRows(Parameter parameter, Span<byte> rows, Span<float> scales) =>
        throw new NotSupportedException($"{parameter} is held as numbers");
}
