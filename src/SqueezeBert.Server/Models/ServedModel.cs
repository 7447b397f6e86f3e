using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using SqueezeBert.Extensions;
using SqueezeBert.Extensions.Hosting;
using SqueezeBert.Graphs;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Models;

/// <summary>A model with the name that clients use.</summary>
/// <param name="name">Its name.</param>
/// <param name="hosted">The model of the host.</param>
/// <param name="queue">Its unanswered requests.</param>
/// <param name="tokenizing">Its unanswered requests for the tokenizer alone.</param>
/// <param name="line">Its texts that wait for its share of the machine, or null if it has the whole machine.</param>
internal sealed class ServedModel(string name, HostedModel hosted, ModelQueue queue, ModelQueue tokenizing, ShareLine? line)
{
    /// <summary>The name of a classifier's head in <see cref="InferenceModel.Heads"/>.</summary>
    public const string ClassifierHead = "sequence classification";

    /// <summary>The length of the text for which the cost of a token is computed.</summary>
    private const int UsualTokens = 64;

    private (InferenceModel Model, double Flops)? _cost;

    public string Name => name;

    public HostedModel Hosted => hosted;

    public ModelQueue Queue => queue;

    /// <summary>
    /// The requests that only the tokenizer answers. It is much faster than the model, so their queue has a speed of its own.
    /// </summary>
    public ModelQueue Tokenizing => tokenizing;

    public ShareLine? Line => line;

    /// <summary>The cost of a token in floating-point operations, or 1 if no model is loaded.</summary>
    public double FlopsOfToken
    {
        get
        {
            if (hosted.Loaded?.Model is not { } model) return 1;
            if (_cost is not { } cost || cost.Model != model)
                _cost = cost = (model, (double)ModelCost.Flops(model.Engine.Graph, UsualTokens) / UsualTokens);
            return cost.Flops;
        }
    }

    /// <summary>The number of tokens that the model computes at once, plus the same number that is ready for the next batches.</summary>
    public double TokensAtOnce => hosted.Loaded?.Model is { } model ? 2.0 * model.Options.BatchTokens * model.Turns.Places : 1;

    /// <summary>The current model.</summary>
    /// <exception cref="RequestException">The model is not loaded yet, or no longer loaded.</exception>
    public InferenceModel Current => (hosted.Loaded ?? throw NotReady()).Model;

    /// <summary>Returns a pipeline on the current model, for the duration of a request.</summary>
    /// <exception cref="RequestException">The model does not fit the task, or it is not loaded.</exception>
    public PipelineLease<TPipeline> Rent<TPipeline>()
        where TPipeline : TextPipeline
    {
        if (hosted.Loaded is null) throw NotReady();
        try
        {
            return hosted.Rent<TPipeline>();
        }
        catch (ObjectDisposedException)
        {
            throw NotReady();
        }
        catch (SqueezeBertException e) when (e.Kind is ErrorKind.Unsupported or ErrorKind.Damaged)
        {
            throw new RequestException(Fault.Unsupported, $"the model '{name}' does not do this: it has {Heads(typeof(TPipeline))}");
        }
    }

    /// <summary>Says what heads the model has, for a message to a client.</summary>
    /// <param name="pipeline">The pipeline that was asked for, or null.</param>
    public string Heads(Type? pipeline = null)
    {
        if (hosted.Loaded?.Model is not { Heads.Count: > 0 } model) return "no head, which is for vectors and features";
        var names = string.Join(", ", model.Heads);
        if (model.Configuration.NamedHeads.Count > 0)
        {
            return pipeline == typeof(TextClassifier) || pipeline == typeof(TokenClassifier)
                ? $"the heads {names}; name one in the field head" : $"the heads {names}";
        }

        return pipeline == typeof(TextReranker) && model.Heads.Contains(ClassifierHead)
            ? $"the labels {string.Join(", ", model.Configuration.Labels)}, and none of them says how relevant a text is"
            : $"a head for {names}";
    }

    private RequestException NotReady() => new(Fault.Unavailable, $"the model '{name}' is not ready") { RetryAfter = 1 };
}

/// <summary>All models of the server by their names. Names are only looked up and never used as paths.</summary>
internal sealed partial class ServedModels
{
    private readonly Dictionary<string, ServedModel> _models = new(StringComparer.Ordinal);
    private readonly FairShares _shares = new(1);

    /// <exception cref="InvalidOperationException">
    /// The host has no model, a key is not a valid name, or a share is given for a model that does not exist.
    /// </exception>
    public ServedModels(IServiceProvider services, IEnumerable<ModelKey> allKeys, SqueezeBertServerOptions options, TimeProvider time)
    {
        ModelKey[] keys = [.. allKeys];
        foreach (var key in keys)
        {
            var hosted = services.GetRequiredKeyedService<HostedModel>(key.Key);
            var name = key.Key ?? "default";
            if (!NamePattern().IsMatch(name))
            {
                throw new InvalidOperationException(
                    $"the model's key '{name}' is no name: 1 to 128 letters, digits, '.', '_' and '-', and not '.' or '..'");
            }

            var line = keys.Length == 1 ? null : _shares.AddLine(options.Shares.TryGetValue(name, out var share) ? share : 1);
            _models.Add(name, new ServedModel(name, hosted, new ModelQueue(options, time), new ModelQueue(options, time), line));
            All = [.. All, _models[name]];
        }

        if (All.Count == 0) throw new InvalidOperationException("the host has no model: call services.AddSqueezeBert(…) first");
        if (options.Shares.Keys.FirstOrDefault(name => !_models.ContainsKey(name)) is { } unknown)
            throw new InvalidOperationException($"a share is said of the model '{unknown}', which there is not");
    }

    /// <summary>The models, in the order in which they were added.</summary>
    public IReadOnlyList<ServedModel> All { get; } = [];

    /// <summary>Waits until a text may enter the queue of its model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cost">The estimated number of the text's tokens.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<FairShares.Turn> EnterAsync(ServedModel model, long cost, CancellationToken cancellationToken) =>
        model.Line is null || cost == 0 ? default
            : _shares.EnterAsync(model.Line, cost * model.FlopsOfToken, cost / model.TokensAtOnce, cancellationToken);

    /// <summary>Returns the model with a name.</summary>
    /// <exception cref="RequestException">There is no model of that name.</exception>
    public ServedModel Find(string name) => _models.TryGetValue(name, out var model)
        ? model
        : throw new RequestException(
            Fault.NotFound, $"there is no such model; there are {string.Join(", ", All.Select(known => known.Name))}")
        { Field = "model" };

    /// <summary>
    /// Returns the first model with a head, for routes that do not name a model. If none has it, the first of all models is returned. As
    /// below, it waits for none: another model's answer would be no answer meanwhile.
    /// </summary>
    /// <param name="head">The name of the head in <see cref="InferenceModel.Heads"/>. Null accepts any.</param>
    /// <param name="labels">The number of labels. Null accepts any.</param>
    /// <exception cref="RequestException">A model that might be it is not loaded yet.</exception>
    public ServedModel First(string? head = null, int? labels = null) => head is null ? All[0]
        : All.FirstOrDefault(known => known.Current.Heads.Contains(head)
            && (labels is null || known.Current.Configuration.Labels.Count == labels)) ?? All[0];

    /// <summary>
    /// The first model that is made for vectors, which has no head; the first of all where every model has one. It waits for none: whether
    /// a model has a head is known once it is loaded, and another model's vectors would be no answer meanwhile.
    /// </summary>
    /// <exception cref="RequestException">A model that might be it is not loaded yet.</exception>
    public ServedModel FirstEncoder() => All.FirstOrDefault(IsEncoder) ?? All[0];

    /// <summary>
    /// The model that vectors are asked of by a name. Clients have names of their own built in, so where one model alone can be meant, it
    /// answers to any name.
    /// </summary>
    /// <param name="name">Null for none.</param>
    /// <exception cref="RequestException">There is no such model, or one that might be it is not loaded yet.</exception>
    public ServedModel FindEncoder(string? name)
    {
        if (name is null) return FirstEncoder();
        if (_models.TryGetValue(name, out var known)) return known;
        if (All.Count == 1) return All[0];
        var encoders = All.Where(IsEncoder).ToList();
        return encoders.Count == 1 ? encoders[0] : Find(name);
    }

    private static bool IsEncoder(ServedModel model) => model.Current.Heads.Count == 0;

    /// <summary>A name that is "." or ".." is taken out of an address before it is sent.</summary>
    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9._-]{1,128}\z")]
    private static partial Regex NamePattern();
}
