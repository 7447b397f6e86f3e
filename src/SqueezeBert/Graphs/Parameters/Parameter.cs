namespace SqueezeBert.Graphs.Parameters;

/// <summary>The purpose of a parameter. It determines how the parameter is initialized and whether weight decay applies.</summary>
internal enum ParameterKind
{
    /// <summary>The matrix of a linear layer or the kernel of a convolution.</summary>
    Weight,

    /// <summary>The bias of a linear layer or convolution. It is initially zero and not decayed.</summary>
    Bias,

    /// <summary>The scale of a norm. It is initially one and not decayed.</summary>
    NormWeight,

    /// <summary>The shift of a norm. It is initially zero and not decayed.</summary>
    NormBias,

    /// <summary>A look-up table with one row per index.</summary>
    Embedding,

    /// <summary>The row number in a table for each index. It is a whole number and not trained.</summary>
    RowNumber,

    /// <summary>A factor for the row of each index. It is initially one and not decayed.</summary>
    RowFactor,
}

/// <summary>
/// A value that is made of one or more parameters. <see cref="Rows"/> is the number of outputs (or table rows, or elements of a vector),
/// and <see cref="Columns"/> is the number of inputs of each output.
/// </summary>
internal abstract class ParameterExpression
{
    public abstract int Rows { get; }

    public abstract int Columns { get; }

    /// <summary>The parameters that the expression reads.</summary>
    public abstract IEnumerable<Parameter> Leaves { get; }
}

/// <summary>
/// A named tensor of a checkpoint. Its name is that of the Hugging Face state dict. Two uses of the same name are the same (tied)
/// parameter.
/// </summary>
internal sealed class Parameter : ParameterExpression
{
    public Parameter(string name, ParameterKind kind, params int[] shape)
    {
        Name = name;
        Kind = kind;
        Shape = shape;
        Length = 1;
        foreach (var size in shape) Length *= size;
        Rows = shape[0];
        Columns = (int)(Length / shape[0]);
    }

    public string Name { get; }

    public ParameterKind Kind { get; }

    /// <summary>The sizes as the checkpoint stores them: [out, in / groups, 1] for a convolution with kernel size 1.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    public override int Rows { get; }

    public override int Columns { get; }

    public override IEnumerable<Parameter> Leaves => [this];

    /// <summary>A row of an <see cref="ParameterKind.Embedding"/> that a look-up never trains (padding_idx), or -1.</summary>
    public int PaddingRow { get; init; } = -1;

    /// <summary>The elements of a <see cref="ParameterKind.RowNumber"/> are below this limit, which a source checks.</summary>
    public int RowLimit { get; init; }

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>The first <paramref name="kept"/> rows of a parameter; every element after them is <paramref name="value"/>.</summary>
internal sealed class FilledAfter(Parameter parameter, int kept, float value) : ParameterExpression
{
    public Parameter Parameter { get; } = parameter;

    public int Kept { get; } = kept;

    public float Value { get; } = value;

    public override int Rows => Parameter.Rows;

    public override int Columns => Parameter.Columns;

    public override IEnumerable<Parameter> Leaves => [Parameter];
}

/// <summary>
/// The rows of <paramref name="parts"/> side by side, with the shape [rows, sum of columns]. A part may be stored transposed.
/// </summary>
internal sealed class ConcatenatedColumns(params (Parameter Parameter, bool Transposed)[] parts) : ParameterExpression
{
    public IReadOnlyList<(Parameter Parameter, bool Transposed)> Parts { get; } = parts;

    public override int Rows => Parts[0].Transposed ? Parts[0].Parameter.Columns : Parts[0].Parameter.Rows;

    public override int Columns => Parts.Sum(part => part.Transposed ? part.Parameter.Rows : part.Parameter.Columns);

    public override IEnumerable<Parameter> Leaves => Parts.Select(part => part.Parameter);
}
