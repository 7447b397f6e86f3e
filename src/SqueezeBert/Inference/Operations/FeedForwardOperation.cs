using SqueezeBert.Checkpoints;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Inference.Operations;

/// <summary>
/// Two linear layers with an activation between them and the same number of groups. The groups are independent networks, so the
/// intermediate values of one group at a time (rows x middle / groups) stay in the cache. If the second layer takes another format than
/// float32, the intermediate values of a group are encoded in the cache as soon as all its columns are computed.
/// </summary>
internal sealed unsafe class FeedForwardOperation : RowOperation
{
    private readonly PackedLinear _up;
    private readonly Activation _activation;
    private readonly PackedLinear _down;
    private readonly PlanValue? _residual;

    /// <summary>The intermediate values of all groups, because threads that share the columns fill them all.</summary>
    private readonly PlanValue _middle;

    /// <summary>The intermediate values in the format of the second layer, or null for float32.</summary>
    private readonly PlanValue? _encodedMiddle;

    public FeedForwardOperation(
        PlanValue output, PlanValue input, PackedLinear up, Activation activation, PackedLinear down, PlanValue? residual)
        : base(output, residual is null ? [input] : [input, residual])
    {
        (_up, _activation, _down, _residual) = (up, activation, down, residual);
        _middle = new PlanValue(up.Outputs, output.Rows);
        if (down.InputFormat != RowFormat.Float32)
            _encodedMiddle = new PlanValue(up.Outputs, output.Rows, down.InputFormat, down.Groups.Length);
    }

    public override IEnumerable<PlanValue> Scratch => _encodedMiddle is null ? [_middle] : [_middle, _encodedMiddle];

    public override PlanValue? Overwritable => _residual == Inputs[0] || !_down.CanOverwriteResidual ? null : _residual;

    public override int StageCount => _encodedMiddle is null ? 2 : 3;

    /// <summary>
    /// The number of panels of the wider layer. The panels of the narrower layer are distributed over the same number of parts.
    /// </summary>
    public override int PartCount => Math.Max(_up.PanelCount, _down.PanelCount);

    public override IEnumerable<PackedProduct> Products =>
        _up.Groups.SelectMany((product, group) => new[] { product, _down.Groups[group] });

    public override void Execute(Execution execution, int start, int count, int worker)
    {
        // One group's middle at a time in the same memory.
        var middle = new Matrix(execution.Pointer(_middle, start, worker), count, _up.OutputsPerGroup);
        var encoded = _encodedMiddle is null
            ? new EncodedRows((byte*)middle.Data, middle.Stride * sizeof(float), count)
            : new EncodedRows(execution.Address(_encodedMiddle, start, worker), _encodedMiddle.SliceByteCount, count);
        for (var group = 0; group < _up.Groups.Length; group++)
        {
            Up(execution, start, worker, group, 0, _up.Groups[group].PanelCount, middle);
            if (_encodedMiddle is not null) _encodedMiddle.Format.Encode(middle, encoded);
            Down(execution, start, worker, group, 0, _down.Groups[group].PanelCount, encoded);
        }
    }

    public override void ExecuteParts(Execution execution, int count, int stage, int firstPart, int partCount)
    {
        var middle = execution.Block(_middle, 0, count, 0);
        if (stage == 1 && _encodedMiddle is not null)
        {
            // Whole rows: the barriers of the stages are on either side.
            var first = (int)((long)count * firstPart / PartCount);
            var end = (int)((long)count * (firstPart + partCount) / PartCount);
            if (end > first) execution.Encode(_middle, _encodedMiddle, first, end - first, 0);
            return;
        }

        var isUp = stage == 0;
        var layer = isUp ? _up : _down;
        var start = (int)((long)firstPart * layer.PanelCount / PartCount);
        var stop = (int)((long)(firstPart + partCount) * layer.PanelCount / PartCount);
        var panels = layer.Groups[0].PanelCount;
        for (int take; start < stop; start += take)
        {
            var (group, panel) = (start / panels, start % panels);
            take = Math.Min(panels - panel, stop - start);
            if (isUp) Up(execution, 0, 0, group, panel, take, _up.OutputOf(group, middle));
            else Down(execution, 0, 0, group, panel, take, _down.InputOf(group, execution.Rows(_encodedMiddle ?? _middle, 0, count, 0)));
        }
    }

    private void Up(Execution execution, int start, int worker, int group, int panel, int panels, Matrix target) =>
        _up.Groups[group].Multiply(
            _up.InputOf(group, execution.Rows(Inputs[0], start, target.Rows, worker)),
            panel,
            panels,
            target,
            new Epilogue { Bias = _up.BiasOf(group), Activation = _activation });

    private void Down(Execution execution, int start, int worker, int group, int panel, int panels, EncodedRows source) =>
        _down.Groups[group].Multiply(
            source,
            panel,
            panels,
            _down.OutputOf(group, execution.Block(Output, start, source.Count, worker)),
            new Epilogue
            {
                Bias = _down.BiasOf(group),
                Residual = _residual is null ? default : _down.OutputOf(group, execution.Block(_residual, start, source.Count, worker)),
            });
}
