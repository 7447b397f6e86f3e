namespace SqueezeBert.Graphs.Parameters;

/// <summary>What a parameter is for: it decides how it is initialised and whether weight decay applies.</summary>
internal enum ParameterKind
{
    /// <summary>Matrix of a linear layer or kernel of a convolution.</summary>
    Weight,

    /// <summary>Bias of a linear layer or convolution: starts at zero, not decayed.</summary>
    Bias,

    /// <summary>Scale of a norm: starts at one, not decayed.</summary>
    NormWeight,

    /// <summary>Shift of a norm: starts at zero, not decayed.</summary>
    NormBias,

    /// <summary>Look-up table, one row an index.</summary>
    Embedding,

    /// <summary>For each index the number of its row in a table: whole numbers, which are not trained.</summary>
    RowNumber,

    /// <summary>A factor for what each index looks up: starts at one, not decayed.</summary>
    RowFactor,
}

/// <summary>
/// A value that is made of parameters: one of them, or several put together. <see cref="Rows"/> is the number of outputs
/// (or table rows, or elements of a vector), <see cref="Columns"/> the number of inputs that each of them sees.
/// </summary>
internal abstract class ParameterExpression
{
    public abstract int Rows { get; }

    public abstract int Columns { get; }

    /// <summary>The parameters that the expression reads.</summary>
    public abstract IEnumerable<Parameter> Leaves { get; }
}

/// <summary>
/// One named tensor of a checkpoint. The name is the one of the Hugging Face state dict, and two uses of one name are one (tied) parameter.
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

    /// <summary>Sizes as the checkpoint stores them: [out, in / groups, 1] for a kernel-size-1 convolution.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    public override int Rows { get; }

    public override int Columns { get; }

    public override IEnumerable<Parameter> Leaves => [this];

    /// <summary>A row of an <see cref="ParameterKind.Embedding"/> that a look-up never trains (padding_idx), or -1.</summary>
    public int PaddingRow { get; init; } = -1;

    /// <summary>The elements of a <see cref="ParameterKind.RowNumber"/> are below this; a source checks it.</summary>
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

/// <summary>The rows of <paramref name="parts"/> side by side: [rows, sum of columns]. A part may be stored transposed.</summary>
internal sealed class ConcatenatedColumns(params (Parameter Parameter, bool Transposed)[] parts) : ParameterExpression
{
    public IReadOnlyList<(Parameter Parameter, bool Transposed)> Parts { get; } = parts;

    public override int Rows => Parts[0].Transposed ? Parts[0].Parameter.Columns : Parts[0].Parameter.Rows;

    public override int Columns => Parts.Sum(part => part.Transposed ? part.Parameter.Rows : part.Parameter.Columns);

    public override IEnumerable<Parameter> Leaves => Parts.Select(part => part.Parameter);
}
