//! `defsym!` and `defvar!`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token};

/// `"name"` or `CONSTANT = "name"`.
struct SymbolRow {
    constant: Ident,
    name: LitStr,
}

impl Parse for SymbolRow {
    fn parse(input: ParseStream<'_>) -> syn::Result<SymbolRow> {
        if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            let constant = name.value().to_uppercase().replace(['-', '/', ':'], "_");
            let constant = constant.trim_start_matches('&').replace('&', "");
            if syn::parse_str::<Ident>(&constant).is_err() {
                return Err(syn::Error::new(
                    name.span(),
                    "no constant can have this name: write `CONSTANT = \"name\"`",
                ));
            }
            return Ok(SymbolRow { constant: format_ident!("{constant}"), name });
        }
        let constant = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(SymbolRow { constant, name: input.parse()? })
    }
}

pub(crate) fn expand_defsym(input: TokenStream) -> syn::Result<TokenStream> {
    let rows = Punctuated::<SymbolRow, Token![,]>::parse_terminated.parse2(input)?;
    let names = rows.iter().map(|row| &row.name);
    let constants = rows.iter().enumerate().map(|(number, row)| {
        let (constant, doc) = (&row.constant, format!("The symbol `{}`.", row.name.value()));
        quote! {
            #[doc = #doc]
            pub const #constant: ::tenure_gc::Object<'static> = ::tenure_gc::Object::builtin_symbol(#number);
        }
    });
    Ok(quote! {
        #(#constants)*
        /// The names of all built-in symbols, in the order of their numbers.
        pub const NAMES: &[&str] = &[#(#names),*];
    })
}

/// `"name", getter, setter;`
struct VariableRow {
    name: LitStr,
    get: Expr,
    set: Expr,
}

struct Variables {
    constant: Ident,
    rows: Vec<VariableRow>,
}

impl Parse for Variables {
    fn parse(input: ParseStream<'_>) -> syn::Result<Variables> {
        let constant = input.parse()?;
        input.parse::<Token![;]>()?;
        let mut rows = Vec::new();
        while !input.is_empty() {
            let name = input.parse()?;
            input.parse::<Token![,]>()?;
            let get = input.parse()?;
            input.parse::<Token![,]>()?;
            let set = input.parse()?;
            input.parse::<Token![;]>()?;
            rows.push(VariableRow { name, get, set });
        }
        Ok(Variables { constant, rows })
    }
}

pub(crate) fn expand_defvar(input: TokenStream) -> syn::Result<TokenStream> {
    let Variables { constant, rows } = syn::parse2(input)?;
    let rows = rows.iter().map(
        |VariableRow { name, get, set }| quote!(::tenure_vm::variable::Forward { name: #name, get: #get, set: #set }),
    );
    Ok(quote! {
        /// The variables of this file that are native state.
        pub const #constant: &[::tenure_vm::variable::Forward] = &[#(#rows),*];
    })
}
