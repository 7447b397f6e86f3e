namespace SqueezeBert.Assistant.Values;

/// <summary>
/// Amounts of money in English: "$20", "20 dollars", "EUR 12.50", "twelve euros and fifty cents", "50 euro cents", "50p". Cents alone are
/// those of a dollar, and pence those of a pound.
/// </summary>
internal static class MoneyReader
{
    private const string Pound = "GBP";

    private static readonly (string[] Names, string Currency)[] Currencies =
    [
        (["$", "dollar", "dollars", "usd", "buck", "bucks"], "USD"),
        (["€", "euro", "euros", "eur"], "EUR"),
        (["£", "pound", "pounds", "gbp", "quid"], Pound),
        (["¥", "yen", "jpy"], "JPY"),
        (["franc", "francs", "chf"], "CHF"),
        (["rupee", "rupees", "inr"], "INR"),
        (["yuan", "cny"], "CNY"),
        (["krona", "kronor", "sek"], "SEK"),
        (["zloty", "pln"], "PLN"),
    ];

    private static readonly string[] Cents = ["cent", "cents"], Pence = ["penny", "pence", "p"];

    /// <summary>Reads one; null: none.</summary>
    public static (double Amount, string Currency)? Read(Phrase phrase)
    {
        var start = phrase.Place;
        var currency = ReadCurrency(phrase);
        var amount = phrase.Peek() is "a" or "an" && currency is null && Known(phrase.Peek(1)) ? One(phrase) : NumberReader.Read(phrase);
        if (amount is { } number && double.IsFinite(number))
        {
            if (currency is null && phrase.SkipAny(Cents)) return (number / 100, "USD");
            if (currency is null && phrase.SkipAny(Pence)) return (number / 100, Pound);
            var isNamed = currency is not null;
            currency ??= ReadCurrency(phrase);
            if (currency is not null)
            {
                if (!isNamed && SkipHundredths(phrase, currency)) return (number / 100, currency);
                var end = phrase.Place;
                phrase.Skip("and");
                if (NumberReader.ReadSmall(phrase) is { } hundredths and < 100 && (SkipHundredths(phrase, currency) || phrase.IsAtEnd)
                    && number == Math.Floor(number)) return (number + (hundredths / 100.0), currency);
                phrase.Place = end;
                return (number, currency);
            }
        }

        phrase.Place = start;
        return null;
    }

    // "Two pounds and five cents" is no amount.
    private static bool SkipHundredths(Phrase phrase, string currency) => phrase.SkipAny(currency == Pound ? Pence : Cents);

    private static double? One(Phrase phrase)
    {
        phrase.Place++;
        return 1;
    }

    private static bool Known(string word) =>
        Cents.Contains(word) || Pence.Contains(word) || Currencies.Any(currency => currency.Names.Contains(word));

    private static string? ReadCurrency(Phrase phrase)
    {
        foreach (var (names, currency) in Currencies)
        {
            if (phrase.SkipAny(names)) return currency;
        }

        return null;
    }
}
