using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Operations;

/// <summary>An operation on rows alone: any block of rows can be carried through it on its own.</summary>
internal abstract class RowOperation(PlanValue output, params PlanValue[] inputs) : Operation(output, inputs)
{
    /// <summary>Rows that stay in the first caches between being computed and being encoded.</summary>
    private const int EncodedRows = 32;

    private PlanValue[] _encodings = [];

    /// <summary>The output in the formats of the products that read it.</summary>
    public IReadOnlyList<PlanValue> Encodings => _encodings;

    public override IEnumerable<PlanValue> Outputs => [Output, .. _encodings];

    /// <summary>
    /// Parts that threads can share where rows are too few to go round; each part's outputs are the same bits however it is cut.
    /// </summary>
    public virtual int PartCount => 1;

    /// <summary>Stages that must end before the next begins when parts are shared.</summary>
    public virtual int StageCount => 1;

    /// <summary>The weights in the order in which they are read.</summary>
    public virtual IEnumerable<PackedProduct> Products => [];

    /// <summary>Elements of all <see cref="Products"/>: the multiply-adds of a row.</summary>
    public long WeightCount => Products.Sum(product => (long)product.Rows * product.Columns);

    /// <summary>Lets the operation write its output in another format as well, while it is in the cache.</summary>
    public void AlsoEncode(PlanValue encoding) => _encodings = [.. _encodings, encoding];

    /// <summary>Rows [start, start + count) as a whole, in all formats.</summary>
    public void Run(Execution execution, int start, int count, int worker)
    {
        // Weights are read once for all rows; what has none can go on to the next format after each few.
        var piece = _encodings.Length == 0 || PartCount > 1 ? count : EncodedRows;
        for (var end = start + count; start < end; start += piece)
        {
            var rows = Math.Min(piece, end - start);
            Execute(execution, start, rows, worker);
            Encode(execution, start, rows, worker);
        }
    }

    /// <summary>Writes rows of the output in the other formats.</summary>
    public void Encode(Execution execution, int start, int count, int worker)
    {
        foreach (var encoding in _encodings) execution.Encode(Output, encoding, start, count, worker);
    }

    /// <summary>Rows [start, start + count) of <see cref="Operation.Output"/>.</summary>
    public abstract void Execute(Execution execution, int start, int count, int worker);

    /// <summary>Parts [firstPart, firstPart + partCount) of one stage, for rows [0, count).</summary>
    public virtual void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount) =>
        Execute(execution, 0, count, 0);
}
