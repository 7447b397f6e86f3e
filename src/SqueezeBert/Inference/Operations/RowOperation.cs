using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Operations;

/// <summary>An operation that processes rows independently, so that any block of rows can be computed separately.</summary>
internal abstract class RowOperation(PlanValue output, params PlanValue[] inputs) : Operation(output, inputs)
{
    /// <summary>The number of rows that stay in the first-level caches between being computed and being encoded.</summary>
    private const int EncodedRows = 32;

    private PlanValue[] _encodings = [];

    /// <summary>The output in the formats of the products that read it.</summary>
    public IReadOnlyList<PlanValue> Encodings => _encodings;

    public override IEnumerable<PlanValue> Outputs => [Output, .. _encodings];

    /// <summary>
    /// The number of parts that threads can share if there are too few rows. The outputs have the same bits for any distribution of the
    /// parts.
    /// </summary>
    public virtual int PartCount => 1;

    /// <summary>The number of stages. If parts are shared, each stage must be complete before the next begins.</summary>
    public virtual int StageCount => 1;

    /// <summary>The weights, in the order in which they are read.</summary>
    public virtual IEnumerable<PackedProduct> Products => [];

    /// <summary>The number of elements of all <see cref="Products"/>, which is the number of multiply-adds of a row.</summary>
    public long WeightCount => Products.Sum(product => (long)product.Rows * product.Columns);

    /// <summary>Makes the operation also write its output in another format, while it is in the cache.</summary>
    public void AlsoEncode(PlanValue encoding) => _encodings = [.. _encodings, encoding];

    /// <summary>Computes the rows [start, start + count) completely, in all formats.</summary>
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

    /// <summary>Computes the rows [start, start + count) of <see cref="Operation.Output"/>.</summary>
    public abstract void Execute(Execution execution, int start, int count, int worker);

    /// <summary>Computes the parts [firstPart, firstPart + partCount) of one stage, for rows [0, count).</summary>
    public virtual void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount) =>
        Execute(execution, 0, count, 0);
}
