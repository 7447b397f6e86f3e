// A sequence of any length: answers come in order while the rest is still to be read, and Ctrl-C stops it.
using System.Runtime.CompilerServices;
using SqueezeBert;
using SqueezeBert.Models;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

// Long reviews are read in windows, whose scores are averaged, instead of being cut off.
var options = new TextClassifierOptions { Reading = new() { LongText = LongText.Windows } };
using var classifier = TextClassifier.Load(PretrainedModels.Sentiment, options);
var count = 0;
await foreach (var answer in classifier.ClassifyStreamAsync(Reviews(stop.Token), cancellationToken: stop.Token))
    Console.WriteLine($"{++count}: {answer}");

static async IAsyncEnumerable<string> Reviews([EnumeratorCancellation] CancellationToken cancellationToken)
{
    string[] reviews = ["A warm and funny film.", "The plot makes no sense.",
        string.Join(' ', Enumerable.Repeat("It goes on and on, and nothing happens.", 100))];
    foreach (var review in reviews)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return review;
    }
}
