using SqueezeBert.Extensions.Models;
using SqueezeBert.Records;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tasks;

/// <summary>`classify`: the labels that a model was trained for.</summary>
/// <typeparam name="THost">The host's pipeline that holds the model. It need not fit if the request names a head.</typeparam>
internal sealed class ClassifyTask<THost>(ServedModel model, Fields options, string? head, SqueezeBertServerOptions limits)
    : TaskRun<TextClassifier, THost>(
        model, RequestReading.Of(options), limits, head is null ? null : VariantKey.Of("head", head),
        (inner, host) => RequestHead.Checked(model, head, () => new TextClassifier(inner, host.TextClassifier with
        {
            Reading = PipelineTypes.Merge(host.TextClassifier, host),
            Head = head,
        })))
    where THost : TextPipeline
{
    private readonly int? _top = options.Integer("top", 1);

    public override TaskItem Parse(Fields fields) => new(
        CheckedText(fields, "text"), fields.Has("pair") ? CheckedText(fields, "pair") : null);

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.ClassifyAsync(new TextPair(item.Text, item.Pair), Reading, cancellationToken).ConfigureAwait(false);
        return Answer(answer.Read, AnswerRecords.Of(answer, _top, HasWindows));
    }
}

/// <summary>`zero-shot`: labels of the client's own.</summary>
internal sealed class ZeroShotTask : TaskRun<ZeroShotClassifier, TextClassifier>
{
    private readonly int? _top;
    private readonly ZeroShotLabels _labels;

    public ZeroShotTask(ServedModel model, Fields options, SqueezeBertServerOptions limits)
        : this(model, options, options.Text("template"), options.Text("entailment"), limits)
    {
    }

    private ZeroShotTask(ServedModel model, Fields options, string? template, string? entailment, SqueezeBertServerOptions limits)
        : base(
            model, RequestReading.Of(options), limits, VariantKey.Of(template, entailment),
            (inner, host) => new ZeroShotClassifier(inner, host.ZeroShotClassifier with
            {
                Reading = PipelineTypes.Merge(host.ZeroShotClassifier, host),
                HypothesisTemplate = template ?? host.ZeroShotClassifier.HypothesisTemplate,
                EntailmentLabel = entailment ?? host.ZeroShotClassifier.EntailmentLabel,
            }))
    {
        try
        {
            _top = options.Integer("top", 1);
            var isMulti = options.Flag("multi_label") ?? false;
            var labels = options.Texts("labels", limits.MaxLabels) ?? throw Fields.Wrong("labels", "labels is missing");
            _labels = Call.Checked(() => Pipeline.Prepare(labels, isMulti));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override long Cost(TaskItem item) => CostOf(item.Text.Length) * _labels.Labels.Count;

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.ClassifyAsync(item.Text, _labels, Reading, cancellationToken).ConfigureAwait(false);
        return Answer(answer.Read, AnswerRecords.Of(answer, _top, HasWindows));
    }
}

/// <summary>`tag`: names, places, parts of speech.</summary>
/// <typeparam name="THost">The host's pipeline that holds the model. It need not fit if the request names a head.</typeparam>
internal sealed class TagTask<THost> : TaskRun<TokenClassifier, THost>
    where THost : TextPipeline
{
    public TagTask(ServedModel model, Fields options, string? head, SqueezeBertServerOptions limits)
        : this(
            model, options, head, options.Name<EntityAggregation>("aggregation"), options.Texts("ignore", limits.MaxLabels),
            options.Flag("forbid_impossible_tags"), limits)
    {
    }

    private TagTask(
        ServedModel model, Fields options, string? head, EntityAggregation? aggregation, IReadOnlyList<string>? ignored, bool? isStrict,
        SqueezeBertServerOptions limits)
        : base(
            model, RequestReading.Of(options), limits,
            head is null && aggregation is null && ignored is null && isStrict is null ? null
                : VariantKey.Of(head, aggregation, isStrict, ignored),
            (inner, host) => RequestHead.Checked(model, head, () => new TokenClassifier(inner, host.TokenClassifier with
            {
                Reading = PipelineTypes.Merge(host.TokenClassifier, host),
                Head = head ?? host.TokenClassifier.Head,
                Aggregation = aggregation ?? host.TokenClassifier.Aggregation,
                IgnoredLabels = ignored ?? host.TokenClassifier.IgnoredLabels,
                ForbidImpossibleTags = isStrict ?? host.TokenClassifier.ForbidImpossibleTags,
            })))
    {
    }

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.ClassifyAsync(item.Text, Reading, cancellationToken).ConfigureAwait(false);
        return Answer(answer.Read, AnswerRecords.Of(answer));
    }
}

/// <summary>`fill`: what may stand where a text has a mask.</summary>
internal sealed class FillTask : TaskRun<MaskFiller, MaskFiller>
{
    private readonly IReadOnlyList<string>? _targets;
    private readonly int _top;

    public FillTask(ServedModel model, Fields options, SqueezeBertServerOptions limits)
        : this(model, options, options.Integer("top", 1, 1000), options.Texts("targets", limits.MaxLabels), limits)
    {
    }

    private FillTask(
        ServedModel model, Fields options, int? top, IReadOnlyList<string>? targets, SqueezeBertServerOptions limits)
        : base(
            model, RequestReading.Of(options), limits, top is null ? null : VariantKey.Of("top", top),
            (inner, host) => new MaskFiller(inner, host.MaskFiller with
            {
                Reading = PipelineTypes.Merge(host.MaskFiller, host),
                Top = top!.Value,
            }))
    {
        _targets = targets;
        _top = top ?? Host.MaskFiller.Top;
    }

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.FillAsync(item.Text, _targets, Reading, cancellationToken).ConfigureAwait(false);
        return new TaskAnswer(answer.Read, (writer, flushAsync) => writer.WriteFillingAsync(answer, HasWindows, flushAsync));
    }

    public override Task<long> CheckNumbersAsync(IReadOnlyCollection<TaskItem> items, CancellationToken cancellationToken)
    {
        // More masks than tokens are not read.
        var most = HasWindows ? int.MaxValue : Reading?.MaxLength ?? Pipeline.MaxLength;
        var masks = items.Sum(item => Math.Min((long)most, item.Text.AsSpan().Count(Pipeline.MaskToken)));
        return Task.FromResult(NumberLimit.CheckScores(masks, _targets?.Count ?? _top, Limits));
    }
}

/// <summary>`features`: hidden states.</summary>
internal sealed class FeaturesTask : TaskRun<FeatureExtractor, FeatureExtractor>
{
    public FeaturesTask(ServedModel model, Fields options, SqueezeBertServerOptions limits)
        : this(model, options, options.Integer("layer", 0), limits)
    {
    }

    private FeaturesTask(ServedModel model, Fields options, int? layer, SqueezeBertServerOptions limits)
        : base(
            model, RequestReading.Of(options), limits, layer is null ? null : VariantKey.Of("layer", layer),
            (inner, host) => new FeatureExtractor(inner, host.FeatureExtractor with
            {
                Reading = PipelineTypes.Merge(host.FeatureExtractor, host),
                Layer = layer,
            }))
    {
    }

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.ExtractAsync(item.Text, Reading, cancellationToken).ConfigureAwait(false);
        return new TaskAnswer(
            answer.Read, (writer, flushAsync) => writer.WriteFeaturesAsync(answer, Pipeline.Tokenizer, HasWindows, flushAsync));
    }

    public override Task<long> CheckNumbersAsync(IReadOnlyCollection<TaskItem> items, CancellationToken cancellationToken) =>
        NumberLimit.CheckStatesAsync([.. items.Select(item => item.Text)], Pipeline, Reading, Limits, cancellationToken);
}
