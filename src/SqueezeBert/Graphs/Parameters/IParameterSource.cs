namespace SqueezeBert.Graphs.Parameters;

/// <summary>Where the values of a graph's parameters come from: a checkpoint, a trainer, a formula.</summary>
internal interface IParameterSource
{
    /// <summary>Writes the parameter's elements in row-major order. Called by several threads at a time.</summary>
    /// <param name="parameter">Name and shape; a source checks that it has exactly these.</param>
    /// <param name="destination"><see cref="Parameter.Length"/> elements.</param>
    void Read(Parameter parameter, Span<float> destination);
}
